import type { ErrorCode } from './error-codes.ts';
import { ExitCode, exitCodeFor } from './exit-code.ts';

export type { ErrorCode };
export { ExitCode };

export interface CoppiceErrorDetails {
  /** The next command or action to try, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Only where it differs from the default of the code, see core/exit-code.ts; that of a program may be any. */
  readonly exitCode?: number;
}

/**
 * The one error family: a stable code, what happened, what to try next, the cause.
 */
export class CoppiceError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, details: CoppiceErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CoppiceError';
    this.code = code;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? exitCodeFor(code);
  }
}

/** Whether an error has one of these codes: ours, or the system's such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly (ErrorCode | `E${string}`)[]): boolean {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return (codes as readonly unknown[]).includes(code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
