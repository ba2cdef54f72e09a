import { expect, test } from 'vitest';
import { nodePlatformFrom } from '../../../cluster/ask-node-platform.ts';

const list = (nodeInfo: object) => JSON.stringify({ kind: 'NodeList', items: [{ status: { nodeInfo } }] });

test('a node says what its programs are compiled for', () => {
  const info = { architecture: 'arm64', operatingSystem: 'linux', kernelVersion: '6.10.14-linuxkit' };
  expect(nodePlatformFrom(list(info))).toEqual({ operatingSystem: 'linux', architecture: 'arm64' });
});

test('without a node, or one that says nothing, it is not known', () => {
  expect(nodePlatformFrom('{"items":[]}')).toBeUndefined();
  expect(nodePlatformFrom(list({}))).toBeUndefined();
});
