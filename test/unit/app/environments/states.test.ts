import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Deployment, V1Namespace, V1Pod } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { listEnvironments } from '../../../../app/environments/cluster-lists.ts';
import { expectationOf } from '../../../../app/environments/expectation.ts';
import { observe } from '../../../../app/environments/observe.ts';
import { reasonsOf } from '../../../../app/environments/reasons.ts';
import { type Cluster, stateNow } from '../../../../app/environments/state-now.ts';
import { environmentStates } from '../../../../app/environments/states.ts';
import { problemsOf, stateOf, withProblems } from '../../../../app/environments/status.ts';
import type { Kube, KubeLister } from '../../../../cluster/kube/client.ts';
import { defined } from '../../../../core/defined.ts';
import { Interrupts } from '../../../../core/interrupts.ts';
import { Annotation, Label } from '../../../../core/labels.ts';
import type { ClusterRecord } from '../../../../core/state/cluster-record.ts';
import type { ServiceFacts } from '../../../../resources/ready/facts.ts';

const recordings = join(import.meta.dirname, '..', '..', 'resources', 'ready', 'recorded');
const names = readdirSync(recordings).filter((file) => file.endsWith('.json'));

/** What the product itself saw of broken services: see twenty-services.test.ts. */
function recorded(name: string): { readonly now: number; readonly facts: ServiceFacts } {
  return JSON.parse(readFileSync(join(recordings, name), 'utf8')) as { now: number; facts: ServiceFacts };
}

const record = {
  driver: 'existing',
  kubeconfig: '/nowhere',
  context: 'c',
  uid: 'u',
  http: { port: 80 },
  ingress: 'load-balancer',
  images: {},
} as ClusterRecord;
const namespace = 'wt-shop--a';

/** A cluster that has what was recorded of one service, for the questions of `wt status` and of `wt list`. */
function fake({ expected, deployment, pods }: ServiceFacts, annotations: Record<string, string>) {
  const labels = { [Label.app]: 'shop', [Label.environment]: 'a' };
  const namespaceObject = { metadata: { name: namespace, labels, annotations } } as V1Namespace;
  const inNamespace = <T extends V1Pod | V1Deployment>(object: T): T => ({
    ...object,
    metadata: {
      ...object.metadata,
      namespace,
      labels: { ...object.metadata?.labels, [Label.service]: expected.name },
    },
  });
  const podList = pods.map(({ pod }) => inNamespace(pod));
  const deployments = deployment === undefined || deployment === 'absent' ? [] : [inNamespace(deployment)];
  const logOf = (name: string, previous: boolean) => {
    const facts = pods.find(({ pod }) => pod.metadata?.name === name);
    return ((previous ? facts?.previousLog : facts?.log) ?? []).join('\n');
  };
  const list =
    <T>(items: readonly T[]) =>
    async () => ({ items });
  return {
    core: {
      readNamespace: async () => namespaceObject,
      listNamespace: list([namespaceObject]),
      listNamespacedPod: list(podList),
      listPodForAllNamespaces: list(podList),
      listNamespacedPersistentVolumeClaim: list([]),
      listPersistentVolumeClaimForAllNamespaces: list([]),
      listNamespacedEvent: async ({ fieldSelector }: { fieldSelector: string }) => ({
        items: pods.find(({ pod }) => fieldSelector.endsWith(`=${pod.metadata?.name}`))?.events ?? [],
      }),
      readNamespacedPodLog: async ({ name, previous = false }: { name: string; previous?: boolean }) =>
        logOf(name, previous),
    },
    apps: {
      listNamespacedDeployment: list(deployments),
      listDeploymentForAllNamespaces: list(deployments),
    },
    batch: { listNamespacedJob: list([]), listJobForAllNamespaces: list([]) },
    objects: {
      listNamespacedCustomObject: list([]),
      listCustomObjectForAllNamespaces: list([]),
    },
    sockets: {
      exec: () => {
        throw new Error('nobody looks into recorded pods');
      },
    },
  } as unknown as Kube & KubeLister;
}

function clusterOf(kube: Kube & KubeLister): Cluster {
  return { kube, record, ports: { interrupts: new Interrupts() }, whole: async () => kube };
}

let data: string;
const before = process.env.XDG_DATA_HOME;
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'coppice-states-'));
  process.env.XDG_DATA_HOME = data;
});
afterAll(() => {
  if (before === undefined) delete process.env.XDG_DATA_HOME;
  else process.env.XDG_DATA_HOME = before;
  rmSync(data, { recursive: true, force: true });
});

describe('list and status say the same', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const owners: readonly (readonly [what: string, annotations: Record<string, string>])[] = [
    ['running', {}],
    ['stopped', { [Annotation.stopped]: '{}' }],
    ['with paused schedules', { [Annotation.schedulesPaused]: 'true' }],
    ['of a folder that is gone', { [Annotation.worktree]: '/gone', [Annotation.branch]: 'a' }],
  ];
  test.each(names.flatMap((name) => owners.map(([what, annotations]) => [name, what, annotations] as const)))(
    'of %s, %s',
    async (name, _, annotations) => {
      const { now, facts } = recorded(name);
      vi.setSystemTime(now);
      const kube = fake(facts, annotations);
      const owner = { app: 'shop', slug: 'a', namespace };
      const expected = await expectationOf(owner, record);
      const seen = await observe(kube, namespace, 80, expected);
      if (!seen) throw new Error('no such namespace');
      const [listed] = await listEnvironments(kube);
      if (!listed) throw new Error('nothing is listed');
      const state = await stateNow(
        clusterOf(kube),
        { ...owner, ...defined({ worktree: annotations[Annotation.worktree] }) },
        listed,
      );
      const folder = state.reasons.find((reason) => reason.includes('is gone'));
      const problems = await problemsOf({ seen, branch: undefined, folder, temporal: undefined });
      expect(state.state).toBe(withProblems(stateOf(seen), problems));
      expect(state.reasons).toEqual(reasonsOf(seen, problems));
      if (state.state !== 'up') expect(state.reasons).not.toEqual([]);
    },
  );
});

test('without a record of a cluster none is asked', async () => {
  expect(await environmentStates({ interrupts: new Interrupts() })).toEqual({ kind: 'none' });
});
