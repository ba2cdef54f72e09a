import { CoppiceError } from '../../../core/errors.ts';

/**
 * Namespaces that belong to a server itself, or to whoever starts without naming one. They are neither made, changed
 * nor deleted here, whatever a pattern of the settings makes of an environment's name.
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
