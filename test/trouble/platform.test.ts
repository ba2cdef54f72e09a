import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onDemandParts } from '../../core/part-facts.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { eventually, get, killed, Repository, wt, wtOk } from '../e2e/harness.ts';

let repository: Repository;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  // With every part that it can have here, so that all are checked: Grafana's image is only ever pulled.
  const parts = onDemandParts.filter((part) => part !== 'grafana');
  await wtOk(['platform', 'up', '--with', parts.join(',')]);
  repository = new Repository();
  await wtOk(['up'], { cwd: repository.top });
});

afterAll(async () => {
  await wt(['down'], { cwd: repository.top });
  repository.remove();
});

/** Every `address:port` with a listener in this network namespace, in the kernel's hexadecimal form. */
function listening(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A')
    .map((fields) => fields[1] ?? '');
}

test('Traefik and everything else listens on loopback and on the bridge, and nowhere else', async () => {
  const address = (socket: string) => socket.split(':')[0] ?? '';
  const loopback = /7F$/;
  const bridge = '0100D50A';
  const ipv4 = listening('/proc/self/net/tcp');
  const ipv6 = listening('/proc/self/net/tcp6');
  expect(ipv4.map(address)).toContain(bridge);
  const elsewhere = (socket: string) => address(socket) !== bridge && !loopback.test(address(socket));
  expect(ipv4.filter(elsewhere)).toEqual([]);
  expect(ipv6.filter((socket) => address(socket) !== '00000000000000000000000001000000')).toEqual([]);
  const { postgres, temporal } = (await readClusterRecord()) ?? {};
  for (const { port } of [postgres, temporal].flatMap((place) => place ?? [])) {
    expect(ipv4).toContain(`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  }
});

interface Part {
  readonly name: string;
  readonly state: string;
  readonly detail?: string;
}

async function pidOf(name: string): Promise<number | undefined> {
  const { parts } = JSON.parse((await wt(['cluster', 'status', '--json'])).stdout) as { parts: Part[] };
  const part = parts.find((one) => one.name === name && one.state === 'running');
  return part && Number(/pid (\d+)/.exec(part.detail ?? '')?.[1]);
}

test.each(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kine'])(
  '%s killed: it comes back by itself, and the URL keeps answering',
  async (name) => {
    const before = await pidOf(name);
    await killed(before);
    const answers: number[] = [];
    await eventually(`${name} is back`, async () => {
      const { status } = await get('main.shop.localhost', '/api/products');
      const now = await pidOf(name);
      const isBack = now !== undefined && now !== before;
      // A kubelet that restarts reports its pods as not ready until their first probe, some seconds later (upstream's
      // behaviour).
      if (!(isBack && name === 'kubelet')) answers.push(status);
      return isBack || undefined;
    });
    expect(answers.filter((status) => status !== 200)).toEqual([]);
    // Nor must that reach into the next test.
    let inRow = 0;
    await eventually('the URL answers steadily', async () => {
      inRow = (await get('main.shop.localhost', '/api/products')).status === 200 ? inRow + 1 : 0;
      return inRow >= 40 || undefined;
    });
  },
);
