import { outcomeOf, type RunOptions } from '../core/run.ts';

/** What a short-lived program prints, both streams together, or undefined when it cannot be run or takes more than 10 s. */
export async function answerOf(
  command: string,
  args: readonly string[],
  options: Pick<RunOptions, 'env' | 'owner' | 'cwd'>,
): Promise<string | undefined> {
  const { code, stdout, stderr } = await outcomeOf(command, args, { ...options, timeout: 10_000 });
  const printed = `${stdout}\n${stderr}`;
  // Some print their version and end with a failure code; what cannot be started prints nothing.
  return code !== 0 && printed.trim() === '' ? undefined : printed;
}
