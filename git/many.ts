import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { start } from '../core/run.ts';
import { type GitResult, gitEnvironment } from './command.ts';

/**
 * Runs git with the same arguments in many folders, and passes on each answer as it comes; `stderr` is empty. One shell a
 * processor runs them one after the other: to start a process costs a shell a third of what it costs Node, which for
 * fifty folders is longer than git itself takes.
 */
export async function gitInEach(
  folders: readonly string[],
  args: readonly string[],
  onAnswer: (folder: string, result: GitResult) => void,
): Promise<void> {
  const shells = Math.min(Math.max(2, cpus().length), folders.length);
  const parts = Array.from({ length: shells }, (_, shell) =>
    folders.filter((_, at) => at % shells === shell),
  );
  await Promise.all(parts.map((part) => oneAfterTheOther(part, args, onAnswer)));
}

/** No file name ends with two NULs and this token, which is new each time. */
const script = (args: readonly string[]) =>
  `token=$1; shift; for folder; do git -C "$folder" ${args.join(' ')} 2>/dev/null; printf '\\000\\000%s %s\\000' "$token" $?; done`;

function oneAfterTheOther(
  folders: readonly string[],
  args: readonly string[],
  onAnswer: (folder: string, result: GitResult) => void,
): Promise<void> {
  const token = randomBytes(8).toString('hex');
  return new Promise((resolve) => {
    const child = start('sh', ['-c', script(args), 'sh', token, ...folders], {
      env: gitEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    let at = 0;
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      const { answers, rest } = takeAnswers(text + more, token);
      for (const answer of answers) {
        onAnswer(folders[at] ?? '', { ...answer, stderr: '' });
        at += 1;
      }
      text = rest;
    });
    child.stderr.resume();
    const finish = () => {
      for (; at < folders.length; at += 1) onAnswer(folders[at] ?? '', { code: -1, stdout: '', stderr: '' });
      resolve();
    };
    child.once('error', finish);
    child.once('close', finish);
  });
}

/**
 * The answers that are complete in what a shell printed, and the beginning of the next.
 *
 * @internal Exported for its test, which passes in tokens of every kind.
 */
export function takeAnswers(
  printed: string,
  token: string,
): { readonly answers: readonly Pick<GitResult, 'code' | 'stdout'>[]; readonly rest: string } {
  // A digit after `\0` in an expression would make another character of both.
  const end = new RegExp(`\\x00\\x00${token} (\\d+)\\x00`, 'g');
  let from = 0;
  const answers = [...printed.matchAll(end)].map(({ 0: mark, 1: code, index = 0 }) => {
    const stdout = printed.slice(from, index);
    from = index + mark.length;
    return { code: Number(code), stdout };
  });
  return { answers, rest: printed.slice(from) };
}
