import { CoppiceError } from '../../../core/errors.ts';

/**
 * Namespaces that belong to the server itself, or are the default of a client. Coppice never creates, changes or
 * deletes them, even if a pattern in the settings yields such a name.
 */
function isProtected(name: string): boolean {
  return name === 'default' || name.startsWith('temporal-');
}

/** Throws COPPICE_TEMPORAL_PROTECTED. */
export function refuseProtected(name: string): void {
  if (!isProtected(name)) return;
  throw new CoppiceError(
    'COPPICE_TEMPORAL_PROTECTED',
    `the namespace ${name} belongs to the server itself: no environment may use it`,
    { hint: 'choose another pattern for `temporal.managed.namespace` in the settings' },
  );
}
