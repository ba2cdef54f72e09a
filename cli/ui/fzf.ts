import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Choice } from '../../app/worktrees/switch/choices.ts';
import { CoppiceError } from '../../core/errors.ts';
import { packageRoot } from '../../core/package-root.ts';
import { paths } from '../../core/paths.ts';
import { start } from '../../core/run.ts';
import { quote } from '../../core/shell.ts';
import { onOneLine } from '../../core/text/width.ts';
import type { Picked } from './picker.ts';

/** What fzf ends with: https://man.archlinux.org/man/fzf.1#EXIT_STATUS. Both Esc and Ctrl+C interrupt it. */
const noMatch = 1;
const interrupted = 130;

/**
 * Lets a person choose with fzf, which draws on the terminal itself and heeds FZF_DEFAULT_OPTS. Throws COPPICE_NO_PROGRAM
 * where it is not on PATH, or fails.
 */
export async function pickWithFzf(
  choices: readonly Choice[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Picked> {
  const child = start('fzf', fzfOptions(), { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close') as Promise<[code: number | null]>;
  // It ends with an error too where it cannot be started, and does not read all where a choice came first.
  child.stdin.on('error', () => {});
  child.stdin.end(choices.map((choice, at) => `${fzfLine(choice, at)}\n`).join(''));
  const [[code], answer] = await Promise.all([
    ended.catch((cause: unknown) => {
      throw fzfError('there is no program fzf on PATH, and `picker: fzf` of the settings wants it', cause);
    }),
    text(child.stdout),
  ]);
  const [key = '', line = ''] = answer.split('\n');
  if (code === noMatch || (code === 0 && key === 'esc')) return 'left';
  if (code === interrupted) return 'interrupted';
  const choice = code === 0 ? choices[Number(line.split('\t')[0])] : undefined;
  if (choice === undefined) throw fzfError(`fzf ended with exit code ${code}`, undefined);
  return choice;
}

function fzfError(message: string, cause: unknown): CoppiceError {
  return new CoppiceError('COPPICE_NO_PROGRAM', message, {
    hint: `install fzf, or take \`picker: fzf\` out of ${paths().settings}`,
    cause,
  });
}

/** The number, the name and the folder; only the name is shown and searched. */
function fzfLine({ name, worktree }: Choice, at: number): string {
  return [String(at), onOneLine(name), worktree?.path ?? '']
    .map((field) => field.replaceAll('\t', ' '))
    .join('\t');
}

/** fzf quotes what it puts in the place of `{3}`. A branch without a worktree has its last commits alone. */
function fzfOptions(): string[] {
  const [node, wt] = [process.execPath, `${packageRoot()}/bin/wt`].map((word) => quote(word, 'posix'));
  const log = 'git log --oneline --max-count=5 --color=always';
  const there = `cd {3} && { ${node} ${wt} 2>&1; echo; ${log}; echo; git --no-optional-locks status --short; }`;
  return [
    '--delimiter=\t',
    '--with-nth=2',
    '--layout=reverse',
    '--prompt=switch to: ',
    '--no-multi',
    '--expect=esc',
    `--preview=if [ -n {3} ]; then ${there}; else ${log} {2} --; fi`,
  ];
}
