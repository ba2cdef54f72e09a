import { CoppiceError } from '../../core/errors.ts';
import type { Ports } from '../ports.ts';

/** What is about to be lost or replaced, and how to say yes to it without a terminal. */
export interface Confirmation {
  readonly question: string;
  /** Already said, by `--yes`. */
  readonly yes: boolean;
  /** What was not done: `the database was not reset`. */
  readonly refusal: string;
  readonly hint: string;
}

/** Throws COPPICE_NOT_CONFIRMED (exit code 2) unless somebody says yes. */
export async function confirm({ question, yes, refusal, hint }: Confirmation, ports: Ports): Promise<void> {
  if (yes || (await ports.ask(question))) return;
  throw new CoppiceError('COPPICE_NOT_CONFIRMED', `${refusal}: nobody said yes`, {
    hint,
  });
}
