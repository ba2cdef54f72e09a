/** Exit codes of `wt`: 0 ok, 1 problem found, 2 wrong usage, 3 platform not reachable. */
export const ExitCode = { ok: 0, problem: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface CoppiceErrorDetails {
  /** The next command or action to try, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Defaults to {@link ExitCode.problem}. */
  readonly exitCode?: ExitCode;
}

/**
 * The one error family: a stable code, what happened, what to try next, the cause.
 * `code` is upper snake case and begins with `COPPICE_`, for example `COPPICE_LOCKED`.
 */
export class CoppiceError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(code: `COPPICE_${string}`, message: string, details: CoppiceErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CoppiceError';
    this.code = code;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? ExitCode.problem;
  }
}

/** Whether an error has one of these codes: one of ours, or one of the system's such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly (`COPPICE_${string}` | `E${string}`)[]): boolean {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return (codes as readonly unknown[]).includes(code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
