import { defined } from '../../../core/defined.ts';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import type { Temporal } from '../types.ts';
import { deleteById } from './delete.ts';
import { findNamespace } from './namespace.ts';

/**
 * Deletes what a failed attempt to create a namespace left, and nothing that belongs to others; no signal aborts this.
 * Returns the error to throw: the original one, with a note that the namespace stays if it could not be deleted.
 */
export async function rollBack(
  temporal: Temporal,
  { name, attempt }: { readonly name: string; readonly attempt: string },
  error: unknown,
): Promise<unknown> {
  const unending = temporal.under();
  try {
    const found = await findNamespace(unending, name);
    if (found?.mark?.attempt === attempt) await deleteById(unending, found.id);
    return error;
  } catch {
    if (!(error instanceof CoppiceError)) return error;
    const { hint, exitCode, cause } = error;
    return new CoppiceError(
      error.code,
      `${messageOf(error)}; the Temporal namespace ${name} may exist only in part, and the next \`wt up\` completes it`,
      { exitCode, cause, ...defined({ hint }) },
    );
  }
}
