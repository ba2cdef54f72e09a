import { CoppiceError, type ErrorCode } from '../../core/errors.ts';
import type { Target } from './request.ts';
import { verbLine } from './verb-line.ts';

/** Errors whose hints come from where nobody knows which name an environment was called by. */
const unaimed: readonly ErrorCode[] = [
  'COPPICE_NOT_READY',
  'COPPICE_UP_FAILED',
  'COPPICE_INTERRUPTED',
  'COPPICE_SETUP_NOT_ALLOWED',
];
const verbs = /\bwt (up|down|stop|start|status|logs|restart)\b/g;

/** Runs work on an environment; the commands in the hints of its errors are for that one too. */
export async function withAimedHints<T>(target: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CoppiceError) || error.hint === undefined || !unaimed.includes(error.code))
      throw error;
    const { code, message, exitCode, cause } = error;
    throw new CoppiceError(code, message, { hint: aimed(error.hint, target), exitCode, cause });
  }
}

/**
 * `wt logs web` as `wt logs --env feat-b web`, which a shell in another folder needs.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function aimed(hint: string, target: Target): string {
  return hint.replace(verbs, (line, verb: string, at: number) => {
    const whole = verbLine(verb, target);
    return hint.startsWith(whole, at) ? line : whole;
  });
}
