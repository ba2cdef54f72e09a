import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assertSameCluster } from '../../cluster/identity.ts';
import { eventually, killed } from '../e2e/harness.ts';
import { answeringPod, type Failure, TestCluster } from './test-cluster.ts';

const cluster = new TestCluster();

/** Rules of another program, such as Docker's: a chain, a jump to it, and a policy. */
const foreign = `*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -m comment --comment "KUBE-SERVICES is not mine" -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -j RETURN
COMMIT
`;

/** Chains and rules without comments and counters; built-in chains of unused tables are omitted. */
const rules = () =>
  cluster
    .inside('iptables-save')
    .split('\n')
    .filter((line) => line.startsWith('-A') || / - \[|DROP \[/.test(line))
    .map((line) => line.replace(/\[\d+:\d+\]/, ''))
    .sort();

let rulesBefore: string[] = [];

beforeAll(async () => {
  await cluster.prepare();
  cluster.inside('sh', '-c', `iptables-restore --noflush <<'RULES'\n${foreign}RULES`);
  rulesBefore = rules();
  expect(rulesBefore.length).toBeGreaterThanOrEqual(7);
});

afterAll(() => cluster.remove());

describe('start', () => {
  test('creates a Ready node, a kubeconfig for the user alone and a record', async () => {
    const record = await cluster.start();
    expect(record).toMatchObject({ driver: 'embedded', context: 'coppice', kubeconfig: cluster.kubeconfig });
    expect(cluster.kubectl('get', 'nodes', '--no-headers')).toMatch(/^coppice +Ready/);
    expect(cluster.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')).toBe(
      record.uid,
    );
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
    expect(statSync(cluster.layout.data).mode & 0o777).toBe(0o700);
    expect(statSync(cluster.layout.state).mode & 0o777).toBe(0o644);
    expect(statSync(cluster.layout.kineSocket).mode & 0o777).toBe(0o600);
  });

  test('changes nothing when run again, or twice at once', async () => {
    const before = cluster.state;
    const records = await Promise.all([cluster.start(), cluster.start(), cluster.start()]);
    expect(new Set(records.map(({ uid }) => uid)).size).toBe(1);
    expect(cluster.state).toEqual(before);
  });

  test('pods resolve the names of services, and reach the API by its service', async () => {
    cluster.apply(answeringPod);
    cluster.kubectl('wait', '--for=condition=Ready', 'pod/answering', '--timeout=300s');
    const resolved = () =>
      cluster.kubectl(
        'exec',
        'answering',
        '--',
        '/busybox',
        'nslookup',
        'answering.default.svc.cluster.local',
      );
    const address = cluster.kubectl('get', 'service', 'answering', '-o', 'jsonpath={.spec.clusterIP}');
    await eventually('the name resolves', async () => (resolved().includes(address) ? true : undefined));
    // busybox's nc runs the program once it is connected.
    const connect = ['/busybox', 'nc', '-w', '2', 'kubernetes.default', '443', '-e', '/busybox', 'true'];
    await eventually(
      'the API answers',
      async () => cluster.kubectl('exec', 'answering', '--', ...connect) === '' || undefined,
    );
  });

  test('the API server and kubelet answer nobody without a certificate', () => {
    for (const url of ['https://10.213.0.1:6443/version', 'https://10.213.0.1:10250/pods']) {
      expect(cluster.inside('curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}', url)).toBe('401');
    }
  });
});

describe('the same cluster through the driver `existing`', () => {
  test('is used as it is, with its own uid and the mount path from the settings', async () => {
    const uid = cluster.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}');
    expect(await cluster.verb('existing-start')).toMatchObject({
      driver: 'existing',
      uid,
      ingress: 'load-balancer',
      mountPath: '/host',
    });
    expect(await cluster.verb('existing-status')).toMatchObject({ state: 'running' });
  });

  test('is neither stopped nor deleted', async () => {
    expect(await cluster.verb('existing-stop')).toBeNull();
    expect(await cluster.verb('existing-reset')).toMatchObject({ error: { code: 'COPPICE_NOT_OURS' } });
    expect(cluster.kubectl('get', 'nodes', '--no-headers')).toMatch(/Ready/);
  });

  test('is distinguished from another cluster by its uid before anything is deleted', async () => {
    const uid = cluster.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}');
    expect(await cluster.verb('assert-same', uid)).toBeNull();
    expect(await cluster.verb('assert-same', 'another')).toMatchObject({
      error: { code: 'COPPICE_OTHER_CLUSTER' },
    });
  });

  test('is reported with its context when it does not answer', async () => {
    const kubeconfig = join(cluster.folder, 'nowhere');
    writeFileSync(kubeconfig, readFileSync(cluster.kubeconfig, 'utf8').replace(':6443', ':1'));
    await expect(assertSameCluster({ kubeconfig, context: 'coppice', uid: '' })).rejects.toMatchObject({
      code: 'COPPICE_UNREACHABLE',
      exitCode: 3,
      message: expect.stringContaining('context coppice'),
    });
  });
});

describe('stop', () => {
  test('leaves no process, mount, interface, chain, cgroup or network namespace, and keeps all other rules', async () => {
    const shim = cluster.inside('sh', '-c', 'pgrep -f "containerd-shim.*coppice-test-driver" || true');
    expect(shim.trim()).not.toBe('');
    await cluster.stop();
    expect(await cluster.verb('leftovers')).toEqual([]);
    expect(rules()).toEqual(rulesBefore);
    expect(cluster.inside('ip', '-brief', 'link').trim().split('\n')).toHaveLength(1);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(cluster.folder);
    expect(existsSync(cluster.layout.run)).toBe(false);
    const processes = readdirSync('/proc').filter(
      (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
    );
    const ours = processes.filter((pid) => commandLine(pid).includes(cluster.layout.run));
    expect(ours).toEqual([]);
  });

  test('may be run twice, and status then reports that the cluster is stopped', async () => {
    await cluster.stop();
    expect(await cluster.status()).toMatchObject({
      state: 'stopped',
      problem: expect.stringContaining('cluster start'),
    });
  });
});

describe('start refuses', () => {
  test('while another Kubernetes manages the rules of this network, with its name and pid', async () => {
    // Node under another name, in the same network: from outside only its name can be seen.
    const script = `exec -a kube-proxy "$0" -e 'setInterval(() => {}, 1000)'`;
    const other = spawn('nsenter', [
      `--net=/run/netns/${cluster.namespace}`,
      'bash',
      '-c',
      script,
      process.execPath,
    ]);
    await eventually('it runs', async () =>
      commandLine(String(other.pid)).startsWith('kube-proxy') ? true : undefined,
    );
    // Its chains have the names that ours would have: our stop must leave them.
    cluster.inside('iptables', '-t', 'nat', '-N', 'KUBE-SERVICES');
    await cluster.stop();
    expect(rules()).toContain(':KUBE-SERVICES - ');
    cluster.inside('iptables', '-t', 'nat', '-X', 'KUBE-SERVICES');
    const refused = (await cluster.verb('start')) as Failure;
    await killed(other.pid);
    expect(refused.error.code).toBe('COPPICE_OTHER_KUBERNETES');
    expect(refused.error.message).toContain(`kube-proxy (pid ${other.pid})`);
  });

  test("while the API port is taken, with the owner's name", async () => {
    const script = "require('net').createServer().listen(6443, '0.0.0.0')";
    const other = spawn('nsenter', [`--net=/run/netns/${cluster.namespace}`, process.execPath, '-e', script]);
    await eventually('it listens', async () =>
      cluster.inside('cat', '/proc/self/net/tcp').includes(':192B ') ? true : undefined,
    );
    const refused = (await cluster.verb('start')) as Failure;
    await killed(other.pid);
    expect(refused.error).toMatchObject({ code: 'COPPICE_CANNOT_START' });
    expect(refused.error.message).toMatch(
      /port 6443\/tcp for the API server is taken on 0\.0\.0\.0 by .*node/,
    );
  });

  test('while its addresses are routed elsewhere', async () => {
    cluster.inside('ip', 'route', 'add', '10.213.64.0/24', 'dev', 'lo');
    const refused = (await cluster.verb('start')) as Failure;
    cluster.inside('ip', 'route', 'delete', '10.213.64.0/24', 'dev', 'lo');
    expect(refused.error.message).toContain('podCidr 10.213.0.0/16 is already routed: 10.213.64.0/24 by lo');
  });
});

test('reset deletes all data of the cluster and its record', async () => {
  await cluster.start();
  const { error } = ((await cluster.verb('reset')) ?? {}) as Partial<Failure>;
  expect(error).toBeUndefined();
  expect(existsSync(cluster.layout.data)).toBe(false);
  expect(existsSync(cluster.kubeconfig)).toBe(false);
  expect(await cluster.verb('leftovers')).toEqual([]);
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
