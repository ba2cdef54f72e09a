import { outcomeOf, type RunOptions } from '../core/run.ts';

/**
 * The output of a short-lived program, both streams together, or undefined when it cannot be run or takes more than 10
 * s.
 */
export async function answerOf(
  command: string,
  args: readonly string[],
  options: Pick<RunOptions, 'env' | 'owner' | 'cwd'>,
): Promise<string | undefined> {
  const { code, stdout, stderr } = await outcomeOf(command, args, { ...options, timeout: 10_000 });
  const printed = `${stdout}\n${stderr}`;
  // Some print their version and then exit with a failure; a program that cannot be started prints nothing.
  return code !== 0 && printed.trim() === '' ? undefined : printed;
}
