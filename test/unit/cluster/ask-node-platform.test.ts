import { expect, test } from 'vitest';
import { nodePlatformFrom } from '../../../cluster/ask-node-platform.ts';

const list = (nodeInfo: object) => JSON.stringify({ kind: 'NodeList', items: [{ status: { nodeInfo } }] });

test('a node reports the platform of its programs', () => {
  const info = { architecture: 'arm64', operatingSystem: 'linux', kernelVersion: '6.10.14-linuxkit' };
  expect(nodePlatformFrom(list(info))).toEqual({ operatingSystem: 'linux', architecture: 'arm64' });
});

test('without a node, or if it does not report it, the platform is unknown', () => {
  expect(nodePlatformFrom('{"items":[]}')).toBeUndefined();
  expect(nodePlatformFrom(list({}))).toBeUndefined();
});
