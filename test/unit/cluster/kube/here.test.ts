import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callApi } from '../../../../cluster/drivers/api.ts';
import { connect } from '../../../../cluster/kube/client.ts';
import { addressesIn, embeddedContext, requireHere } from '../../../../cluster/kube/here.ts';
import { lightKube } from '../../../../cluster/kube/light-kube.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-here-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A kubeconfig whose server has that host; 198.51.100.0/24 belongs to no machine (RFC 5737). */
function address(host: string, context: string = embeddedContext) {
  const kubeconfig = join(folder, 'kubeconfig');
  const server = `https://${host}:6443`;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: context, cluster: { server } }],
      contexts: [{ name: context, context: { cluster: context, user: context } }],
      users: [{ name: context, user: {} }],
    }),
  );
  return { kubeconfig, context };
}

const stopped = {
  code: 'COPPICE_CLUSTER_DOWN',
  exitCode: 3,
  hint: expect.stringContaining('wt cluster start'),
};

it.skipIf(process.platform !== 'linux')('asks no embedded cluster whose address is elsewhere', async () => {
  const elsewhere = address('198.51.100.7');
  await expect(connect(elsewhere)).rejects.toMatchObject(stopped);
  await expect(lightKube(elsewhere)).rejects.toMatchObject(stopped);
  await expect(callApi(elsewhere, '/version')).rejects.toMatchObject(stopped);
});

it('asks one whose address is here, and other clusters wherever they are', () => {
  expect(() => requireHere(address('127.0.0.1'))).not.toThrow();
  expect(() => requireHere(address('198.51.100.7', 'team'))).not.toThrow();
});

it.each(['', '{', 'clusters: 7', '[]'])('says that a kubeconfig that is %j cannot be used', async (text) => {
  const damaged = address('127.0.0.1');
  writeFileSync(damaged.kubeconfig, text);
  for (const ask of [connect, lightKube])
    await expect(ask(damaged)).rejects.toMatchObject({ code: 'COPPICE_KUBECONFIG', exitCode: 3 });
});

it("finds the machine's own addresses, also of a bridge without pods", () => {
  const table = `Local:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.213.0.0/16 2 0 2
        |-- 10.213.0.1
           /32 host LOCAL
        |-- 10.213.255.255
           /32 link BROADCAST`;
  expect(addressesIn(table)).toEqual(['10.213.0.1']);
});
