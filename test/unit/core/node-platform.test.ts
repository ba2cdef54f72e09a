import { expect, test } from 'vitest';
import { asNode, differ } from '../../../core/node-platform.ts';

/** As reported by `process` and `kubectl get node -o jsonpath={.status.nodeInfo}` or `docker info` on such machines. */
test.each([
  ['a Mac with Apple silicon and Docker Desktop', 'darwin', 'arm64', 'linux', 'arm64', true],
  ['the same with nodes that are emulated', 'darwin', 'arm64', 'linux', 'amd64', true],
  ['the same with a node of Rosetta', 'darwin', 'x64', 'linux', 'arm64', true],
  ['an Intel Mac', 'darwin', 'x64', 'linux', 'amd64', true],
  ['Linux on Intel', 'linux', 'x64', 'linux', 'amd64', false],
  ['Linux on Intel, in the words of Docker', 'linux', 'x64', 'linux', 'x86_64', false],
  ['Linux on ARM', 'linux', 'arm64', 'linux', 'arm64', false],
  ['Linux on ARM, in the words of Docker', 'linux', 'arm64', 'linux', 'aarch64', false],
  ['Linux on ARM whose nodes are emulated', 'linux', 'arm64', 'linux', 'amd64', true],
  ['WSL', 'linux', 'x64', 'linux', 'amd64', false],
  ['Windows itself', 'win32', 'x64', 'linux', 'amd64', true],
  ['Windows with nodes of Windows', 'win32', 'x64', 'windows', 'amd64', false],
  ['an old Raspberry Pi', 'linux', 'arm', 'linux', 'armv7l', false],
  ['a mainframe', 'linux', 's390x', 'linux', 's390x', false],
])('%s', (_, platform, arch, operatingSystem, architecture, expected) => {
  expect(differ({ host: { platform, arch }, node: { operatingSystem, architecture } })).toBe(expected);
});

test('nodes without a record count as the same as the host', () => {
  expect(differ({ host: { platform: 'darwin', arch: 'arm64' } })).toBe(false);
});

test('this machine is described in the words of a node', () => {
  expect(asNode({ platform: 'linux', arch: 'x64' })).toEqual({
    operatingSystem: 'linux',
    architecture: 'amd64',
  });
});
