import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { failure } from './failure.ts';
import type { Tools } from './tools.ts';

/**
 * Runs k3d and shows what it says. It has a process group of its own, so that Ctrl+C comes to us alone: what can be begun
 * again is ended, and COPPICE_INTERRUPTED thrown; what `mustEnd` goes on to its end. Nothing of it goes on without us.
 */
export async function runVerb(
  { k3d, names, progress, interrupts }: Tools,
  task: string,
  args: readonly string[],
  { mustEnd = false }: { readonly mustEnd?: boolean } = {},
): Promise<void> {
  const shown = progress.start(task);
  const child = spawn(k3d, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      const plain = stripVTControlCharacters(line);
      lines.push(plain);
      shown.update(plain.replace(/^[A-Z]{4}\[\d+\] /, ''));
    });
  }
  let interrupted = false;
  const forget = interrupts?.handle(() => {
    if (mustEnd) {
      shown.update('this cannot be left half done; it ends in a moment');
      return;
    }
    interrupted = true;
    child.kill('SIGTERM');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => forget?.());
  if (code === 0) {
    shown.done();
    return;
  }
  const error = interrupted
    ? new CoppiceError('COPPICE_INTERRUPTED', `interrupted while ${task}`)
    : failure(args, lines.join('\n'), names.cluster);
  shown.fail(messageOf(error));
  throw error;
}
