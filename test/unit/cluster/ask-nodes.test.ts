import { expect, test } from 'vitest';
import { nodesFrom, podLogsFrom } from '../../../cluster/ask-nodes.ts';

const list = (nodeInfo: object) =>
  JSON.stringify({ kind: 'NodeList', items: [{ metadata: { name: 'a' }, status: { nodeInfo } }] });

test('a node reports the platform of its programs', () => {
  const info = { architecture: 'arm64', operatingSystem: 'linux', kernelVersion: '6.10.14-linuxkit' };
  const node = { operatingSystem: 'linux', architecture: 'arm64' };
  expect(nodesFrom(list(info))).toEqual({ name: 'a', node });
});

test('without a node, or if it does not report it, the platform is unknown', () => {
  expect(nodesFrom('{"items":[]}')).toEqual({});
  expect(nodesFrom(list({}))).toEqual({ name: 'a' });
});

test("a kubelet reports where it keeps pods' logs, and an old one does not", () => {
  expect(podLogsFrom('{"kubeletconfig":{"podLogsDir":"/data/pods"}}')).toBe('/data/pods');
  expect(podLogsFrom('{"kubeletconfig":{}}')).toBeUndefined();
});
