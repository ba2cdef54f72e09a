import { randomBytes } from 'node:crypto';
import { cleanUp } from '../clones/clean-up.ts';
import { whileWatched } from '../connection/blockers.ts';
import type { Server } from '../connection/server.ts';
import { endBackends } from '../connection/sessions.ts';
import type { CommandRun, Work } from '../types.ts';

/**
 * Runs one of the app's commands. When it fails or is stopped, its statements are cancelled too: one that
 * waits for a lock would run as soon as it gets it, and readers queue behind it. Says who holds that lock, at once
 * and in the error. Throws what the command throws.
 */
export async function runCommand(
  server: Server,
  { run, signal, nameClient, note, progress }: Work,
  command: Omit<CommandRun, 'session' | 'signal'>,
): Promise<void> {
  const session = `coppice-${command.kind}-${randomBytes(5).toString('hex')}`;
  const { user, database } = command;
  const waiter = { application: session, user, database };
  const onBlocked = note ?? progress;
  const blocked = onBlocked && ((text: string) => onBlocked(`${command.kind} of ${database}: ${text}`));
  try {
    await whileWatched(server, { waiter, nameClient, onBlocked: blocked }, () =>
      run({ ...command, session, signal }),
    );
  } catch (error) {
    await cleanUp(server, (usable) => endBackends(usable, { user: command.user, application: session }));
    throw error;
  }
}
