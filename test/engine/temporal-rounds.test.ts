import { setMaxListeners } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import type { Kube } from '../../cluster/kube/client.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { temporalNamespace } from '../../resources/temporal-namespace/handler.ts';
import { type Namespace, namespaceOf } from '../../servers/temporal/namespaces/namespace.ts';
import { withTemporal } from '../../servers/temporal/reach.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { wtOk } from '../e2e/harness.ts';
import { repetitions } from '../series.ts';
import { cluster } from './harness.ts';

const rounds = repetitions({ test: 5, soak: 100 });
const app = 'carousel';

let record: ClusterRecord;
let kube: Kube;
beforeAll(async () => {
  ({ record, kube } = await cluster());
  if (process.env.COPPICE_TEST_FOLDER) await wtOk(['platform', 'up', '--with', 'temporal']);
});

function inputsOf(environment: string): TemporalInputs {
  const { kubeconfig, context, uid, temporal } = record;
  const namespace = `wt-${app}--${environment}`;
  return {
    kubeconfig,
    context,
    cluster: uid,
    server: { kind: 'platform', ...(temporal && { port: temporal.port }) },
    namespace,
    app,
    environment,
    repository: '/src/carousel/.git',
    branch: environment,
    worktree: `/src/${environment}`,
    temporal: {
      server: 'platform',
      namespace,
      retentionSeconds: 86_400,
      searchAttributes: { OrderId: 'Keyword' },
    },
  };
}

async function namespaces({ workflow }: Temporal): Promise<Namespace[]> {
  const all: Namespace[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflow.listNamespaces({
      pageSize: 100,
      // Otherwise those that are being deleted are left out.
      namespaceFilter: { includeDeleted: true },
      ...(nextPageToken && { nextPageToken }),
    });
    all.push(...page.namespaces.map(namespaceOf));
    nextPageToken = page.nextPageToken;
  } while (nextPageToken?.length);
  return all;
}

test(`ten namespaces are made and deleted at once, ${rounds} times under the same names, and none is left`, async () => {
  const context = { signal: new AbortController().signal };
  setMaxListeners(0, context.signal);
  const all = Array.from({ length: 10 }, (_, index) => inputsOf(`horse-${index}`));
  const create = (inputs: TemporalInputs) => temporalNamespace.create(inputs, context);
  const remove = (inputs: TemporalInputs) =>
    temporalNamespace.delete('', { ...inputs, namespaceId: '', created: true }, context);
  // Of an interrupted run.
  await Promise.all(all.map(remove));
  const ids = new Set<string>();
  await withTemporal(kube, inputsOf('horse-0'), context.signal, async (temporal) => {
    for (let round = 1; round <= rounds; round += 1) {
      const made = await Promise.all(all.map(create));
      for (const { outputs } of made) {
        expect(outputs.created).toBe(true);
        ids.add(outputs.namespaceId);
      }
      await Promise.all(all.map(remove));
    }
    expect(ids.size).toBe(10 * rounds);
    const left = (await namespaces(temporal)).filter(({ name }) => name.startsWith(`wt-${app}--`));
    // Those that Temporal itself has not removed yet; each takes some seconds.
    const name = expect.stringMatching(/^wt-carousel--horse-\d-deleted-/);
    for (const one of left) expect(one).toMatchObject({ deleting: true, name });
  });
});
