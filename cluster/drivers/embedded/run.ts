import { run as runProgram } from '../../../core/run.ts';
import { systemPath } from './programs.ts';

export interface RunOptions {
  readonly input?: string;
  /** Failure returns '' instead of throwing: for checks whether something exists. */
  readonly mayFail?: boolean;
}

/**
 * Runs a program, including the system's, to its end and returns its output. Throws COPPICE_COMMAND_FAILED with the
 * last lines of it.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const env = { ...process.env, PATH: `${systemPath}:${process.env.PATH ?? ''}` };
  return runProgram(program, args, { ...options, env });
}
