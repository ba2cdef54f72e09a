import { knownFailure } from '../../app/known-failures.ts';
import type { Problem } from '../../config/yaml/problems.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, ExitCode, messageOf } from '../../core/errors.ts';
import { adviceFor } from './advice.ts';

export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** From a file that a person wrote: every mistake with its place. */
  readonly problems?: readonly Problem[];
}

/** An error as JSON: `{code, message, hint}`, and `problems` where a file is wrong. */
export function errorDocument(error: unknown): ErrorDocument {
  const known = asCoppiceError(error);
  const problems = (known as { problems?: readonly Problem[] }).problems;
  return {
    ...defined({ problems }),
    code: known.code,
    message: known.message,
    ...defined({ hint: known.hint === undefined ? undefined : adviceFor(known.hint) }),
  };
}

export interface Rendering {
  /** Shows causes and stacks. */
  readonly verbose: boolean;
  /** File with all details of an unexpected error. */
  readonly log?: string | undefined;
}

/** An error for people: what happened, what to try, and with `verbose` why. */
export function renderError(error: unknown, { verbose, log }: Rendering): string {
  const known = asCoppiceError(error, verbose);
  const lines = [`error: ${known.message}`];
  if (known.hint !== undefined)
    lines.push(
      ...adviceFor(known.hint)
        .split('\n')
        .map((line, at) => (at === 0 ? `  try: ${line}` : `       ${line}`)),
    );
  if (verbose) lines.push(...causes(known.cause));
  if (log !== undefined) lines.push(`  log: ${log}`);
  return lines.join('\n');
}

/** Converts everything that was thrown; an unexpected error gets the code `COPPICE_UNEXPECTED`. */
function asCoppiceError(error: unknown, verbose = false): CoppiceError {
  if (error instanceof CoppiceError) return error;
  const details = verbose
    ? 'the log has the details'
    : 'run it again with --verbose; the log has the details';
  const hint = knownFailure(messageOf(error)) ?? details;
  return new CoppiceError('COPPICE_UNEXPECTED', `unexpected: ${firstLine(messageOf(error))}`, {
    cause: error,
    hint,
  });
}

export function isUnexpected(error: unknown): boolean {
  return !(error instanceof CoppiceError);
}

export function exitCodeOf(error: unknown): number {
  return error instanceof CoppiceError ? error.exitCode : ExitCode.problem;
}

function causes(cause: unknown): string[] {
  const lines: string[] = [];
  for (let current = cause; current !== undefined && lines.length < 50; ) {
    const text = current instanceof Error ? (current.stack ?? current.message) : String(current);
    lines.push(...`  because: ${text}`.split('\n').map((line, at) => (at === 0 ? line : `    ${line}`)));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
