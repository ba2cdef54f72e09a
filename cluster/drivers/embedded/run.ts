import { execFile } from 'node:child_process';
import { CoppiceError } from '../../../core/errors.ts';
import { systemPath } from './programs.ts';

export interface RunOptions {
  readonly input?: string;
  /** Returned as '' instead of thrown: for asking whether something is there. */
  readonly mayFail?: boolean;
}

/** Runs a program to its end and returns what it printed. Throws `COPPICE_COMMAND_FAILED` with its last words. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        env: { ...process.env, PATH: `${systemPath}:${process.env.PATH ?? ''}` },
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (options.mayFail === true) resolve('');
        else {
          const words = (stderr || stdout || error.message).trim().split('\n').slice(-5).join('\n');
          reject(
            new CoppiceError('COPPICE_COMMAND_FAILED', `${program} ${args.slice(0, 6).join(' ')}: ${words}`, {
              cause: error,
            }),
          );
        }
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}
