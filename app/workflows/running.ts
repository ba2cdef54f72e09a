import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { counted } from '../../core/text/counted.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { isUnreachable } from '../../servers/temporal/errors.ts';
import { createsNamespaces } from '../../servers/temporal/place.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import type { Ports } from '../ports.ts';
import type { EnvironmentName, Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { onTemporalPatiently } from './connect.ts';
import { temporalPlace } from './resource.ts';

/** What runs in a namespace that is about to be deleted. */
export type Running =
  | {
      readonly kind: 'counted';
      readonly count: number;
      /** The number of each type, the largest first; of many workflows only the latest are examined. */
      readonly types: readonly (readonly [type: string, count: number])[];
      /** How many schedules there are, paused ones included. */
      readonly schedules: number;
      /** The server's id of the namespace; absent when it has none for this environment. */
      readonly id?: string;
    }
  /** The server does not answer, so it is not known. */
  | { readonly kind: 'unknown'; readonly why: string };

/** So many of the latest workflows are examined for their types. */
const sample = 1000;

/** The number of each, the most frequent first. */
function countTypes(types: readonly string[]): (readonly [type: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort(([one, few], [other, many]) => many - few || one.localeCompare(other));
}

/** Throws a refusal of a server that answers, and COPPICE_INTERRUPTED. */
export async function countRunning(
  kube: Kube,
  record: ClusterRecord,
  inputs: TemporalInputs,
  ports: Pick<Ports, 'interrupts'>,
): Promise<Running> {
  const server = temporalPlace(inputs, record);
  try {
    return await onTemporalPatiently(kube, server, ports, (temporal) => countIn(temporal, inputs));
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return { kind: 'unknown', why: messageOf(error) };
  }
}

/** Only workflows in this environment's own namespace count: another one with that name is not deleted with it. */
async function countIn(temporal: Temporal, inputs: TemporalInputs): Promise<Running> {
  const id = await idOf(temporal, inputs);
  if (id === undefined) return { kind: 'counted', count: 0, types: [], schedules: 0 };
  const [{ executions, runningWorkflows }, { scheduleIds }] = await Promise.all([
    import('../../servers/temporal/workflows.ts'),
    import('../../servers/temporal/schedules.ts'),
  ]);
  const { namespace } = inputs.temporal;
  const [count, schedules] = await Promise.all([
    runningWorkflows(temporal, namespace),
    scheduleIds(temporal, namespace).then((ids) => ids.length),
  ]);
  const found = count === 0 ? [] : await executions(temporal, namespace, "ExecutionStatus='Running'", sample);
  return {
    kind: 'counted',
    count,
    types: countTypes(found.map(({ type }) => type?.name ?? '')),
    schedules,
    id,
  };
}

/** The server's id of an environment's namespace; undefined when it has none for this one. */
export async function idOf(temporal: Temporal, inputs: TemporalInputs): Promise<string | undefined> {
  if (!createsNamespaces(inputs.server)) return undefined;
  const [{ namespaceState }, { requestFor }] = await Promise.all([
    import('../../servers/temporal/namespaces.ts'),
    import('../../resources/temporal-namespace/namespace.ts'),
  ]);
  const there = await namespaceState(temporal, requestFor(inputs));
  return there.kind === 'ours' ? there.id : undefined;
}

/** `12 workflows run in the Temporal namespace wt-shop--main (10 order, 2 mail), which has 1 schedule` */
export function runningText(
  { count, types, schedules }: Running & { readonly kind: 'counted' },
  namespace: string,
): string {
  if (count === 0) return `the Temporal namespace ${namespace} has ${counted(schedules, 'schedule')}`;
  const each = types.map(([type, number]) => `${number} ${type}`).join(', ');
  const run = `${counted(count, 'workflow')} ${count === 1 ? 'runs' : 'run'}`;
  const besides = schedules === 0 ? '' : `, which has ${counted(schedules, 'schedule')}`;
  return `${run} in the Temporal namespace ${namespace}${each === '' ? '' : ` (${each})`}${besides}`;
}

/**
 * Throws COPPICE_WORKFLOWS_RUNNING when workflows run that would be deleted with their namespace. Schedules alone do not
 * keep it: an app creates its own at its start.
 */
export function refuseRunning(
  { app, slug }: Pick<EnvironmentName, 'app' | 'slug'>,
  namespace: string,
  found: Running,
  target: Target,
): void {
  if (found.kind !== 'counted' || found.count === 0) return;
  throw new CoppiceError(
    'COPPICE_WORKFLOWS_RUNNING',
    `${runningText(found, namespace)}, and would be deleted with it: ${environmentName(app, slug)} was left as it is`,
    {
      hint: `${verbLine('workflows', target)} shows them; to lose them: ${verbLine('down', target, '--force')}`,
    },
  );
}
