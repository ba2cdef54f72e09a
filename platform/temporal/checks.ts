import type { Check } from '../../core/check.ts';
import { counted } from '../../core/text/counted.ts';
import { age } from '../../core/text/duration.ts';
import type { DeletingNamespace } from '../../servers/temporal/namespaces.ts';
import type { PartSection } from '../context.ts';
import { leftoverCheck, unknownEnvironmentsCheck } from '../leftover-check.ts';
import { findNamespaceLeftovers, type NamespaceLeftovers, onPlatformTemporal } from './leftovers.ts';

/**
 * Our namespaces on the platform's Temporal, and which of them are no longer needed. Only a note if no spec has asked
 * for one.
 */
export const temporalChecks: PartSection['checks'] = async (_, context) => {
  if (!context) return [{ name: 'namespaces', ok: true, detail: 'none: no coppice.yaml asked for one yet' }];
  return namespaceChecks(await onPlatformTemporal(context, findNamespaceLeftovers), Date.now());
};

/** Temporal needs seconds for it, and continues after a restart. */
const longestRemovalMs = 60 * 60 * 1000;

/** `now` is in milliseconds since 1970. */
export function namespaceChecks({ found, known, namespaces }: NamespaceLeftovers, now: number): Check[] {
  const needed = found.namespaces.length - namespaces.length;
  return [
    { name: 'namespaces', ok: true, detail: counted(needed, 'environment') },
    ...(known ? [] : [unknownEnvironmentsCheck('stacks or cluster')]),
    ...namespaces.map(({ name, why }) => leftoverCheck({ kind: 'namespace', name, why })),
    ...found.deleting.map((namespace) => removalCheck(namespace, now)),
  ];
}

/** Information, and a fault only when it does not end. */
function removalCheck({ name, deletedAt }: DeletingNamespace, now: number): Check {
  const since = deletedAt === undefined ? undefined : now - Date.parse(deletedAt);
  return {
    name: 'being removed',
    ok: since === undefined || since < longestRemovalMs,
    detail: `${name}: Temporal itself removes it${since === undefined ? '' : `, for ${age(since)}`}`,
    fix: 'run `kubectl -n coppice logs deploy/temporal` to see why it is still there',
  };
}
