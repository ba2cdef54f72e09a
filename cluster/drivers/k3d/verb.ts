import type { ChildProcess } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { outcomeOf } from '../../../core/run.ts';
import { withTemporaryFolder } from '../../../core/temporary-folder.ts';
import { failureError } from './failure.ts';
import type { Tools } from './tools.ts';

/**
 * Runs k3d and shows its messages. It has its own process group, so that Ctrl+C reaches only us: a verb that can be
 * repeated is killed, and COPPICE_INTERRUPTED thrown; one with `mustEnd` runs to its end. Nothing of it goes on without
 * us.
 */
export async function runVerb(
  { k3d, names, progress, interrupts }: Tools,
  task: string,
  args: readonly string[],
  { mustEnd = false }: { readonly mustEnd?: boolean } = {},
): Promise<void> {
  const shown = progress.start(task);
  const lines: string[] = [];
  let interrupted = false;
  const onInterrupt = (child: ChildProcess) => {
    if (mustEnd) {
      shown.update('this cannot be left half done; it ends in a moment');
      return;
    }
    interrupted = true;
    child.kill('SIGTERM');
  };
  let forget: (() => void) | undefined;
  // k3d leaves a copy of its configuration and of each node's /etc/hosts.
  const { code, failure } = await withTemporaryFolder(({ path }) =>
    outcomeOf(k3d, args, {
      env: { ...process.env, TMPDIR: path },
      ownGroup: true,
      onStart: (child) => {
        forget = interrupts?.handle(() => onInterrupt(child));
      },
      onLine: (line) => {
        const plain = stripVTControlCharacters(line);
        lines.push(plain);
        shown.update(plain.replace(/^[A-Z]{4}\[\d+\] /, ''));
      },
    }),
  );
  forget?.();
  if (failure) throw failure;
  if (code === 0) {
    shown.done();
    return;
  }
  const error = interrupted
    ? new CoppiceError('COPPICE_INTERRUPTED', `interrupted while ${task}`)
    : failureError(args, lines.join('\n'), names.cluster);
  shown.fail(messageOf(error));
  throw error;
}
