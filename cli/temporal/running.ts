import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError, messageOf } from '../../config/errors.ts';
import { environmentName } from '../../config/names.ts';
import type { ClusterRecord } from '../../state/cluster-record.ts';
import { isAway } from '../../temporal/refusal.ts';
import type { Temporal } from '../../temporal/types.ts';
import type { EnvironmentName } from '../environment/target.ts';
import type { Ports } from '../ports.ts';
import { counted } from '../ui/counted.ts';
import { onTemporal } from './connect.ts';
import { placeOf } from './place.ts';
import type { TemporalResource } from './resource.ts';

/** What runs in a namespace that is about to go. */
export type Running =
  | {
      readonly kind: 'counted';
      readonly count: number;
      /** How many of each type, the most first; of a large number only among the youngest. */
      readonly types: readonly (readonly [type: string, count: number])[];
    }
  /** The server does not answer: nobody can say. */
  | { readonly kind: 'unknown'; readonly why: string };

/** As many are looked at for their types, the youngest. */
const sample = 1000;

/** How often each is there, the most frequent first. */
export function countTypes(types: readonly string[]): (readonly [type: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort(([one, few], [other, many]) => many - few || one.localeCompare(other));
}

/** Throws what a server that answers refuses, and COPPICE_INTERRUPTED. */
export async function running(
  kube: Kube,
  record: ClusterRecord,
  resource: TemporalResource,
  ports: Pick<Ports, 'interrupts'>,
  patience: { readonly patienceMs?: number } = {},
): Promise<Running> {
  const { namespace } = resource.temporal;
  const look = async (temporal: Temporal): Promise<Running> => {
    const [{ runningWorkflows }, { executions }] = await Promise.all([
      import('../../temporal/workflows.ts'),
      import('../../temporal/executions.ts'),
    ]);
    const count = await runningWorkflows(temporal, namespace);
    if (count === 0) return { kind: 'counted', count, types: [] };
    const found = await executions(temporal, namespace, "ExecutionStatus='Running'", sample);
    return { kind: 'counted', count, types: countTypes(found.map(({ type }) => type?.name ?? '')) };
  };
  try {
    return await onTemporal(kube, placeOf(resource, record), ports, look, patience);
  } catch (error) {
    if (!isAway(error)) throw error;
    return { kind: 'unknown', why: messageOf(error) };
  }
}

/** `12 workflows run in the Temporal namespace wt-shop--main (10 order, 2 mail)` */
export function runningText(
  { count, types }: Running & { readonly kind: 'counted' },
  namespace: string,
): string {
  const each = types.map(([type, number]) => `${number} ${type}`).join(', ');
  const run = `${counted(count, 'workflow')} ${count === 1 ? 'runs' : 'run'}`;
  return `${run} in the Temporal namespace ${namespace}${each === '' ? '' : ` (${each})`}`;
}

/** Throws COPPICE_WORKFLOWS_RUNNING when workflows run that would go with their namespace. */
export function refuseRunning(
  { app, slug }: Pick<EnvironmentName, 'app' | 'slug'>,
  namespace: string,
  found: Running,
  force: string,
): void {
  if (found.kind !== 'counted' || found.count === 0) return;
  throw new CoppiceError(
    'COPPICE_WORKFLOWS_RUNNING',
    `${runningText(found, namespace)}, and would go with it: ${environmentName(app, slug)} was left as it is`,
    { hint: `wt workflows shows them; to lose them: ${force}` },
  );
}
