import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../e2e/harness.ts';
import { answeringPod, startTestCluster, type TestCluster } from './test-cluster.ts';

const outside = 'coppice-test-outside';
/** The machine as its network sees it, and a neighbour. 192.0.2.0/24 is reserved for documentation. */
const machine = '192.0.2.1';
const neighbour = '192.0.2.2';
const openPort = 27_111;

let cluster: TestCluster;
let pod: string;
let listener: ReturnType<typeof spawn>;

beforeAll(async () => {
  removeOutside();
  cluster = await startTestCluster();
  cluster.apply(answeringPod);
  cluster.kubectl('wait', '--for=condition=Ready', 'pod/answering', '--timeout=300s');
  pod = cluster.kubectl('get', 'pod', 'answering', '-o', 'jsonpath={.status.podIP}');

  execFileSync('ip', ['netns', 'add', outside]);
  const ip = (namespace: string, ...args: string[]) => execFileSync('ip', ['-n', namespace, ...args]);
  execFileSync('ip', [
    'link',
    'add',
    'wire0',
    'netns',
    cluster.namespace,
    'type',
    'veth',
    'peer',
    'wire1',
    'netns',
    outside,
  ]);
  ip(cluster.namespace, 'addr', 'add', `${machine}/24`, 'dev', 'wire0');
  ip(cluster.namespace, 'link', 'set', 'wire0', 'up');
  ip(outside, 'addr', 'add', `${neighbour}/24`, 'dev', 'wire1');
  ip(outside, 'link', 'set', 'wire1', 'up');
  ip(outside, 'link', 'set', 'lo', 'up');
  // A neighbour that knows the addresses of our pods and services.
  ip(outside, 'route', 'add', '10.213.0.0/16', 'via', machine);
  ip(outside, 'route', 'add', '10.214.0.0/16', 'via', machine);

  const script = `require('net').createServer().listen(${openPort}, '0.0.0.0')`;
  listener = spawn('nsenter', [`--net=/run/netns/${cluster.namespace}`, process.execPath, '-e', script]);
  await eventually('the port of the control listens', async () =>
    reaches(machine, openPort) ? true : undefined,
  );
});

afterAll(async () => {
  listener?.kill('SIGKILL');
  removeOutside();
  await cluster.remove();
});

function removeOutside(): void {
  if (existsSync(`/run/netns/${outside}`)) execFileSync('ip', ['netns', 'delete', outside]);
}

function reaches(address: string, port: number): boolean {
  // busybox's nc runs the program once it is connected.
  const connect = ['/bin/busybox', 'nc', '-w', '2', address, String(port), '-e', '/bin/true'];
  const command = [`--net=/run/netns/${outside}`, ...connect];
  return spawnSync('nsenter', command).status === 0;
}

test('of all 65535 ports of the machine, the node and a pod, a neighbour sees only the one opened for control', () => {
  const scan = join(import.meta.dirname, 'scan-ports.mjs');
  const addresses = [machine, '10.213.0.1', pod];
  const answer = execFileSync(
    'nsenter',
    [`--net=/run/netns/${outside}`, process.execPath, scan, ...addresses],
    {
      encoding: 'utf8',
    },
  );
  expect(JSON.parse(answer)).toEqual({ [machine]: [openPort], '10.213.0.1': [], [pod]: [] });
});

test('a neighbour does not reach any service by its port either', () => {
  const service = cluster.kubectl('get', 'service', 'answering', '-o', 'jsonpath={.spec.clusterIP}');
  expect([reaches('10.214.0.1', 443), reaches(service, 80)]).toEqual([false, false]);
});

test('without our rules the same neighbour reaches the API, kubelet, DNS and the pod: only the rules keep it out', () => {
  cluster.inside('iptables', '-t', 'raw', '-D', 'PREROUTING', '-j', 'COPPICE-PREROUTING');
  const open = [
    reaches('10.214.0.1', 443),
    reaches('10.213.0.1', 6443),
    reaches('10.213.0.1', 10250),
    reaches('10.213.0.1', 53),
    reaches(pod, 8080),
  ];
  cluster.inside('iptables', '-t', 'raw', '-I', 'PREROUTING', '1', '-j', 'COPPICE-PREROUTING');
  expect(open).toEqual([true, true, true, true, true]);
  expect(reaches('10.213.0.1', 6443)).toBe(false);
});

test('every listening socket of the cluster is bound to loopback or the bridge', () => {
  const listening = cluster
    .inside('cat', '/proc/self/net/tcp', '/proc/self/net/udp', '/proc/self/net/tcp6', '/proc/self/net/udp6')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' || fields[3] === '07')
    .map((fields) => fields[1] ?? '');
  const control = `00000000:${openPort.toString(16).toUpperCase()}`;
  const others = listening.filter((socket) => socket !== control);
  expect(others.length).toBeGreaterThanOrEqual(6);
  for (const socket of others) expect(socket).toMatch(/^(0100007F|0100D50A):/);
});
