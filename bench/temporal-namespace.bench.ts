import { wtOk } from '../test/e2e/harness.ts';
import { report, timed } from './measure.ts';
import { percentile } from './pgbench.ts';
import { namespacesOf } from './temporal-resource.ts';

const runs = 100;
await wtOk(['cluster', 'start']);
await wtOk(['platform', 'up', '--with', 'temporal']);
const { temporal, create } = await namespacesOf('bench');

/** Throws unless a workflow can be started by the name, at once and in a namespace that has none with this id. */
const use = (namespace: string) =>
  temporal.workflow.startWorkflowExecution({
    namespace,
    workflowId: 'first',
    requestId: crypto.randomUUID(),
    workflowType: { name: 'any' },
    taskQueue: { name: 'any' },
  });

/** Milliseconds of `create`, and of `delete`, each once for every environment. */
async function measure(environments: readonly string[]) {
  const created: number[] = [];
  const deleted: number[] = [];
  for (const environment of environments) {
    const began = performance.now();
    const { name, remove } = await create(environment);
    await use(name);
    created.push(performance.now() - began);
    deleted.push(await timed(remove));
  }
  return { created, deleted };
}

// The first loads Temporal's messages, which a provider does once for all.
await measure(['first']);
const fresh = await measure(Array.from({ length: runs }, (_, index) => `fresh-${index}`));
const again = await measure(Array<string>(runs).fill('again'));
temporal.close();

const deletions = [...fresh.deleted, ...again.deleted];
const spread = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  max: Math.max(...values),
});
report({
  name: 'temporal-namespace',
  method:
    "create of the resource coppice:index:TemporalNamespace in this process (way to the server, connection and one search attribute included; the engine's own start is not) and then a workflow started by the namespace's name without a pause; delete with that workflow running. One after the other: names that never were, and one name again and again, made anew as soon as its deletion returned.",
  series: {
    'create until used, fresh name': { unit: 'ms', runs: fresh.created },
    'create until used, same name again': { unit: 'ms', runs: again.created },
    delete: { unit: 'ms', runs: deletions },
  },
  reach: [
    { what: 'create until used, fresh name, p95 ms', value: percentile(fresh.created, 0.95), bound: 2000 },
    { what: 'create until used, same name, p95 ms', value: percentile(again.created, 0.95), bound: 2000 },
    { what: 'delete, p95 ms', value: percentile(deletions, 0.95), bound: 500 },
  ],
  details: { fresh: spread(fresh.created), again: spread(again.created), delete: spread(deletions) },
});
