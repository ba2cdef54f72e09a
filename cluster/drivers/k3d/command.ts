import { stripVTControlCharacters } from 'node:util';
import { CoppiceError } from '../../../core/errors.ts';
import { type Outcome, outcomeOf as outcomeOfProgram } from '../../../core/run.ts';

export interface CommandOptions {
  /** Milliseconds after which it is killed; no limit when absent. */
  readonly timeout?: number;
}

/** Runs k3d or docker to its end. Never throws: failure is part of the outcome. */
export function outcomeOf(
  program: string,
  args: readonly string[],
  { timeout }: CommandOptions = {},
): Promise<Outcome> {
  // No colours in output that a program reads; k3d prints them regardless.
  return outcomeOfProgram(program, args, { env: { ...process.env, NO_COLOR: '1' }, timeout });
}

/** As {@link outcomeOf}; returns its output, or throws COPPICE_COMMAND_FAILED with the last lines of it. */
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

/** A program's last message: k3d's fatal lines if there are any, else the last three lines. */
export function lastWords(text: string): string {
  const lines = stripVTControlCharacters(text).trim().split('\n');
  const fatal = lines.filter((line) => /^(FATA|ERRO)\[/.test(line));
  return (fatal.length > 0 ? fatal : lines)
    .slice(-3)
    .map((line) => line.replace(/^[A-Z]{4}\[\d+\] /, '').trim())
    .join('; ');
}
