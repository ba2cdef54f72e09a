import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { start } from '../../../core/run.ts';
import { withoutGitVariables } from '../../../git/command.ts';
import type { Ports } from '../../ports.ts';
import { type Agent, commandOf } from './agents.ts';

/**
 * Gives the terminal to an agent in a worktree until it ends; Ctrl+C is the agent's. It makes no worktree of its own, as
 * no option asks for one. Returns its exit code, null after a signal. Throws COPPICE_NO_AGENT when it does not start.
 */
export async function goWith(
  agent: Agent,
  folder: string,
  prompt: string,
  ports: Ports,
): Promise<number | null> {
  const [program = '', ...args] = commandOf(agent, prompt);
  const forget = ports.interrupts.handle(() => {});
  try {
    return await new Promise((resolve, reject) => {
      const child = start(program, args, {
        cwd: folder,
        env: withoutGitVariables(ports.env),
        stdio: 'inherit',
      });
      child.once('exit', resolve);
      child.once('error', (cause) =>
        reject(
          new CoppiceError('COPPICE_NO_AGENT', `${program} does not start: ${messageOf(cause)}`, { cause }),
        ),
      );
    });
  } finally {
    forget();
  }
}
