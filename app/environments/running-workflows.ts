import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { callCluster, connectTo } from '../clusters/connection.ts';
import { readStack } from '../engine/index.ts';
import type { Ports } from '../ports.ts';
import { temporalOf } from '../workflows/resource.ts';
import { type Running, runningText } from '../workflows/running.ts';
import { namespaceToRemove } from '../workflows/running-check.ts';

/** What runs in the Temporal namespace of an environment, for people. */
export interface RunningWorkflows {
  readonly count: number;
  /** `3 workflows run in the Temporal namespace wt-shop--feat (3 order)` */
  readonly text: string;
}

/**
 * The running workflows that would be deleted with an environment; undefined when none run or there is no Temporal.
 * Throws what reaching the cluster throws, and the refusal of a server that answers.
 */
export async function runningWorkflowsOf(
  { app, slug }: { readonly app: string; readonly slug: string },
  ports: Ports,
): Promise<RunningWorkflows | undefined> {
  const state = await readStack({ project: app, stack: slug });
  const inputs = temporalOf(state);
  const record = await readClusterRecord();
  if (inputs === undefined || record === undefined) return undefined;
  const { kube } = await connectTo(record);
  const target = { environment: `${app}/${slug}`, force: false };
  const found = await callCluster(record, () => namespaceToRemove(kube, record, inputs, target, ports));
  return found && textOf(found.running, found.inputs.temporal.namespace);
}

function textOf(running: Running, namespace: string): RunningWorkflows | undefined {
  if (running.kind === 'unknown') {
    return { count: 0, text: `it is not known whether workflows run in ${namespace}: ${running.why}` };
  }
  if (running.count === 0) return undefined;
  return { count: running.count, text: runningText(running, namespace) };
}
