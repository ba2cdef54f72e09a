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
  const end = new RegExp(`\\0\\0${token} (\\d+)\\0`);
  return new Promise((resolve) => {
    const child = start('sh', ['-c', script(args), 'sh', token, ...folders], {
      env: gitEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    let at = 0;
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      for (let found = end.exec(text); found !== null; found = end.exec(text)) {
        onAnswer(folders[at] ?? '', {
          code: Number(found[1]),
          stdout: text.slice(0, found.index),
          stderr: '',
        });
        text = text.slice(found.index + found[0].length);
        at += 1;
      }
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
