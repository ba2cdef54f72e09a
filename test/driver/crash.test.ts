import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, killed } from '../e2e/harness.ts';
import { answeringPod, startTestCluster, type TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster();
  cluster.apply(answeringPod);
  await answers();
});

afterAll(() => cluster.remove());

/** The service answers from inside the namespace: kube-proxy's rules, the bridge and the pod are all there. */
const answers = () =>
  eventually('the service of the pod answers', async () => {
    const address = cluster.kubectl('get', 'service', 'answering', '-o', 'jsonpath={.spec.clusterIP}');
    return reach(address) ? true : undefined;
  });

function reach(address: string): boolean {
  try {
    return (
      cluster.inside('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', `http://${address}/`) === '404'
    );
  } catch {
    return false;
  }
}

/**
 * Thirty answers in a row. A restarted kubelet reports its pods as not ready until their first probe, some seconds
 * later (upstream's behaviour), and the service of such a pod refuses connections: that must not happen during the next
 * test.
 */
function calm(address: string): Promise<true> {
  let inRow = 0;
  return eventually('the service answers steadily', async () => {
    inRow = reach(address) ? inRow + 1 : 0;
    return inRow >= 30 || undefined;
  });
}

const running = () =>
  eventually('the cluster is running', async () =>
    (await cluster.status()).state === 'running' ? true : undefined,
  );

const containerStart = () =>
  cluster.kubectl(
    'get',
    'pod',
    'answering',
    '-o',
    'jsonpath={.status.containerStatuses[0].state.running.startedAt}',
  );

test.each([
  'kine',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'coredns',
  'containerd',
])('%s killed with -9 comes back by itself, and the pod answers throughout', async (name) => {
  const address = cluster.kubectl('get', 'service', 'answering', '-o', 'jsonpath={.spec.clusterIP}');
  const before = cluster.pid(name);
  await killed(before);
  let failures = 0;
  await eventually(`${name} is back`, async () => {
    const reached = reach(address);
    const now = cluster.pid(name);
    const isBack = now !== undefined && now !== before;
    // From its start on, what a kubelet says of its pods is upstream's matter (see calm).
    if (!reached && !(isBack && name === 'kubelet')) failures += 1;
    return (isBack && (await cluster.status()).state === 'running') || undefined;
  });
  expect(failures).toBe(0);
  await calm(address);
  expect(cluster.state.processes.find((process) => process.name === name)?.lastEnd).toBe('signal SIGKILL');
});

test('after the supervisor is killed with -9 everything goes on, status reports it, and start adopts the same processes', async () => {
  const before = cluster.state;
  await killed(before.supervisor.pid);
  await eventually('status notices', async () =>
    (await cluster.status()).problem?.includes('supervisor: ended') ? true : undefined,
  );
  await cluster.start();
  expect(cluster.state.supervisor.pid).not.toBe(before.supervisor.pid);
  expect(cluster.state.processes.map(({ id }) => id)).toEqual(before.processes.map(({ id }) => id));
  // The new one watches processes that are not its children just as well.
  const adopted = cluster.pid('kube-scheduler');
  await killed(adopted);
  await eventually('the adopted process is replaced', async () => {
    const now = cluster.pid('kube-scheduler');
    return now !== undefined && now !== adopted ? true : undefined;
  });
  await running();
});

test('the new supervisor starts a process that ended while there was none', async () => {
  await killed(cluster.state.supervisor.pid);
  const before = cluster.pid('kube-apiserver');
  await killed(before);
  await cluster.start();
  expect(cluster.pid('kube-apiserver')).not.toBe(before);
  await running();
});

/** kubelet reports it a moment after the pod answers. */
const restarted = (before: string) =>
  eventually('the container is another one', async () => containerStart() !== before || undefined);

/** A file in the folder of the platform's databases. */
const kept = () => join(cluster.layout.databases, 'server', 'kept');

test('after everything is killed and mounts, bridge and cgroups are left behind, start cleans up and the pod runs again', async () => {
  const before = containerStart();
  writeFileSync(kept(), 'before the kill');
  cluster.killEverything();
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(cluster.layout.run);
  await cluster.start();
  expect(readFileSync(kept(), 'utf8')).toBe('before the kill');
  await answers();
  await restarted(before);
});

test('after everything is killed and a reboot removed mounts, run folder, interfaces and rules, start works and the pod runs again', async () => {
  const before = containerStart();
  writeFileSync(kept(), 'before the reboot');
  execFileSync('sync', ['--file-system', kept()]);
  cluster.killEverything();
  cluster.forgetAsRebootDoes();
  const volume = (await cluster.start()).databaseVolume;
  expect(volume).toMatchObject({ kind: 'host-path', reflink: true });
  expect(readFileSync(kept(), 'utf8')).toBe('before the reboot');
  await answers();
  await restarted(before);
});
