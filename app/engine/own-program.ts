import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readIfPresent } from '../../core/files.ts';

/**
 * The folder of the app's Pulumi project if its program adds something to the environment: then `wt` lets the engine
 * run that program, as `pulumi` by hand does. With our program the engine would delete what the team added. Undefined
 * when there is no such project, or when its program is only what `wt init` writes: ours does the same, faster.
 */
export async function ownProgram(specFolder: string, app: string): Promise<string | undefined> {
  for (const folder of [specFolder, join(specFolder, 'infra')]) {
    const text = await readIfPresent(join(folder, 'Pulumi.yaml'));
    const project =
      text === undefined ? undefined : (parse(text) as { name?: unknown; main?: unknown } | null);
    if (project?.name !== app) continue;
    const program = await programText(resolve(folder, typeof project.main === 'string' ? project.main : '.'));
    return program === undefined || isPlain(program) ? undefined : folder;
  }
  return undefined;
}

/** `main` names a file, with or without its extension, or a folder. */
async function programText(main: string): Promise<string | undefined> {
  // The installed package's program does not belong to the team.
  if (dirname(main).endsWith(join('coppice', 'dist', 'program'))) return undefined;
  const candidates = [
    main,
    `${main}.js`,
    `${main}.cjs`,
    `${main}.ts`,
    join(main, 'index.js'),
    join(main, 'index.ts'),
  ];
  for (const file of candidates) {
    const text = await readIfPresent(file).catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

/**
 * Whether a program only calls `environment()` and passes on its result.
 *
 * @internal Exported for its test, which passes facts from other machines.
 */
export function isPlain(program: string): boolean {
  const text = program
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  return plainPrograms.some((pattern) => pattern.test(text));
}

const names = String.raw`\{[\w ,]*\}`;
const values = String.raw`\{(?: ?\w+: env\.\w+,?)* ?\}`;
const plainPrograms = [
  new RegExp(
    `^const \\{ environment \\} = require\\('coppice'\\); const ${names} = environment\\(\\); module\\.exports = ${names};$`,
  ),
  new RegExp(
    `^const \\{ environment \\} = require\\('coppice'\\); const env = environment\\(\\); module\\.exports = ${values};$`,
  ),
];
