import { posix } from 'node:path';
import type { MigrationToolName } from '../spec/migrations/tool-table.ts';
import { recogniseTool } from '../spec/migrations/tools.ts';
import { lockFiles, scriptRunners, wordsOf } from './command.ts';
import type { FileReading } from './reading.ts';

/** In characters: a bundle names everything that it contains. */
const programLength = 64_000;

/** `npm run migrate` may run `npm run migrate:all`. */
const deepest = 3;

/**
 * The migration tool that a command runs: named by the command, by the script of package.json that it runs, by a file
 * that it names, or by files that only one tool has. Undefined for a program of one's own.
 */
export async function toolBehind(
  command: string | readonly string[],
  reading: FileReading,
  named: readonly string[],
  paths: readonly string[],
): Promise<MigrationToolName | undefined> {
  const text = typeof command === 'string' ? command : command.join(' ');
  const scripts = await scriptsOf(reading, text, deepest);
  const files = [...named, ...scripts.flatMap(wordsOf)].filter(
    (path) => posix.basename(path) !== 'package.json' && !lockFiles.includes(path),
  );
  const programs = await Promise.all([...new Set(files)].map((path) => reading.text(path)));
  const short = programs.filter(({ length }) => length <= programLength);
  return recogniseTool([text, ...scripts, ...short], paths);
}

/** The scripts of package.json that a command runs. */
async function scriptsOf(reading: FileReading, text: string, depth: number): Promise<string[]> {
  const words = text.split(/[\s;&|()<>"'`]+/);
  if (depth === 0 || !words.some((word) => scriptRunners.includes(word))) return [];
  const scripts = await readScripts(reading, folderIn(words));
  const found = words.flatMap((word) => scripts[word] ?? []);
  const deeper = await Promise.all(found.map((script) => scriptsOf(reading, script, depth - 1)));
  return [...found, ...deeper.flat()];
}

/** `npm --prefix server run migrate`, `pnpm -C server migrate`, `yarn --cwd server migrate`. */
function folderIn(words: readonly string[]): string {
  const at = words.findIndex((word) => ['--prefix', '-C', '--dir', '--cwd'].includes(word));
  return at === -1 ? '.' : (words[at + 1] ?? '.');
}

async function readScripts(
  reading: FileReading,
  folder: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    const manifest = JSON.parse(await reading.text(posix.join(folder, 'package.json'))) as {
      readonly scripts?: Readonly<Record<string, string>>;
    };
    return { ...manifest.scripts };
  } catch {
    return {};
  }
}
