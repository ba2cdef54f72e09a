import { CoppiceError } from '../../core/errors.ts';
import type { Ports } from '../ports.ts';

/** What is about to be lost or replaced, and how to confirm it without a terminal. */
export interface Confirmation {
  readonly question: string;
  /** Confirmed on the command line, by `--yes`. */
  readonly yes: boolean;
  /** What was not done: `the database was not reset`. */
  readonly refusal: string;
  readonly hint: string;
}

/** Throws COPPICE_NOT_CONFIRMED (exit code 2) without a yes. */
export async function confirm({ question, yes, refusal, hint }: Confirmation, ports: Ports): Promise<void> {
  if (yes || (await ports.ask(question))) return;
  throw new CoppiceError('COPPICE_NOT_CONFIRMED', `${refusal}: not confirmed`, {
    hint,
  });
}
