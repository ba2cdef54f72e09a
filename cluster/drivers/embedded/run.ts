import { run as runProgram } from '../../../core/run.ts';
import { systemPath } from './programs.ts';

export interface RunOptions {
  readonly input?: string;
  /** Returned as '' instead of thrown: for asking whether something is there. */
  readonly mayFail?: boolean;
}

/** Runs a program, also one of the system's, to its end and returns what it printed. Throws COPPICE_COMMAND_FAILED with its last words. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const env = { ...process.env, PATH: `${systemPath}:${process.env.PATH ?? ''}` };
  return runProgram(program, args, { ...options, env });
}
