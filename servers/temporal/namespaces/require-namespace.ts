import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { isRefusal, status } from '../connection/grpc-error.ts';
import type { Temporal } from '../types.ts';
import { findNamespace } from './namespace.ts';
import { refuseProtected } from './protected.ts';

/**
 * Checks that a namespace that others create and delete exists; changes nothing, and ignores its retention and search
 * attributes. Throws COPPICE_NO_TEMPORAL_NAMESPACE, COPPICE_TEMPORAL_PROTECTED and what the connection throws.
 */
export async function requireNamespace(
  temporal: Temporal,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly id: string }> {
  refuseProtected(name);
  try {
    const found = await findNamespace(temporal.under(signal), name);
    if (found && !found.deleting) return { id: found.id };
  } catch (cause) {
    // Temporal Cloud denies everything about a namespace to which a key has no access, whether it exists or not.
    if (!isRefusal(cause, status.permissionDenied)) throw cause;
    throw noNamespaceError(`there is no namespace ${name}, or the key has no access to it`, name, cause);
  }
  throw noNamespaceError(`there is no namespace ${name}`, name);
}

function noNamespaceError(what: string, name: string, cause?: unknown): CoppiceError {
  return new CoppiceError(
    'COPPICE_NO_TEMPORAL_NAMESPACE',
    `${what}, and the settings say namespaces: existing`,
    {
      hint: `create ${name} the way you create namespaces (Terraform, tcld), or set namespaces: create if the server allows it`,
      ...defined({ cause }),
    },
  );
}
