import { execFile } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { CoppiceError } from '../../../core/errors.ts';

export interface Outcome {
  /** Exit code; -1 when it was ended by a signal, did not answer in time, or could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** There is no such program. */
  readonly missing: boolean;
}

export interface CommandOptions {
  /** Milliseconds after which it is ended; without one it may take its time. */
  readonly timeout?: number;
}

/** Runs a program to its end. Never throws: what it says is the answer. */
export function outcomeOf(
  program: string,
  args: readonly string[],
  { timeout }: CommandOptions = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      {
        // No colours in what is read by a program; k3d has them all the same.
        env: { ...process.env, NO_COLOR: '1' },
        maxBuffer: 64 * 1024 * 1024,
        ...(timeout === undefined ? {} : { timeout }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({
          code,
          stdout,
          stderr,
          missing: (error as NodeJS.ErrnoException | null)?.code === 'ENOENT',
        });
      },
    );
  });
}

/** As {@link outcomeOf}; gives what it printed, or throws COPPICE_COMMAND_FAILED with its last words. */
export async function outputOf(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await outcomeOf(program, args, options);
  if (code === 0) return stdout;
  const name = program.split('/').at(-1);
  throw new CoppiceError(
    'COPPICE_COMMAND_FAILED',
    `${name} ${args.slice(0, 3).join(' ')}: ${lastWords(stderr || stdout) || `ended with ${code}`}`,
  );
}

/** What a program said in the end: k3d's fatal lines if there are any, else the last three lines. */
export function lastWords(text: string): string {
  const lines = stripVTControlCharacters(text).trim().split('\n');
  const fatal = lines.filter((line) => /^(FATA|ERRO)\[/.test(line));
  return (fatal.length > 0 ? fatal : lines)
    .slice(-3)
    .map((line) => line.replace(/^[A-Z]{4}\[\d+\] /, '').trim())
    .join('; ');
}
