import { expect, test } from 'vitest';
import { recordOf, sharedFolders } from '../../../../../cluster/drivers/k3d/record.ts';
import { requireRoots, rootProblem } from '../../../../../cluster/drivers/k3d/roots.ts';
import { settingsSchema } from '../../../../../config/settings/settings.ts';
import { balancer, registry, running, server } from './facts.ts';

const source = {
  nodes: running.nodes,
  kubeconfig: '/home/ada/.local/share/coppice/k3d-coppice.kubeconfig',
  context: 'k3d-coppice',
  uid: 'ed310be2',
  engine: 'FFCL',
  seen: { podLogs: '/data/pods', node: { operatingSystem: 'linux', architecture: 'arm64' } },
  images: { node: 'coppice.local/node:1' },
  ports: settingsSchema.parse({}).ports,
};

test('the record describes the containers as they were created, whatever the current settings are', () => {
  const { ports } = settingsSchema.parse({ ports: { http: 8080, postgres: 1, temporal: 2 } });
  expect(recordOf({ ...source, ports })).toMatchObject({
    driver: 'k3d',
    context: 'k3d-coppice',
    ingress: 'published',
    http: { port: 80 },
    postgres: { port: 15432 },
    temporal: { port: 17233 },
    mountPath: '/',
    roots: ['/home/ada'],
    engine: 'FFCL',
    podLogs: '/data/pods',
    node: { operatingSystem: 'linux', architecture: 'arm64' },
    databaseVolume: { kind: 'node-folder', path: '/var/lib/coppice/volumes/databases' },
    temporalVolume: { kind: 'node-folder', path: '/var/lib/coppice/volumes/temporal' },
  });
});

test('without a load balancer ports are found on the server', () => {
  const direct = { ...server, ports: [{ container: 30080, host: 8000 }] };
  expect(recordOf({ ...source, nodes: [registry, direct] }).http).toEqual({ port: 8000 });
  expect(recordOf({ ...source, nodes: [registry, server, balancer] }).http).toEqual({ port: 80 });
});

test('roots are those that the server was created with, whatever paths its mounts have in a virtual machine', () => {
  const labels = { ...server.labels, 'coppice.dev/roots': '/Users/ada:/srv/work' };
  const binds = ['/host_mnt/Users/ada:/Users/ada', '/host_mnt/srv/work:/srv/work'];
  expect(sharedFolders([registry, { ...server, labels: labels, binds }])).toEqual([
    '/Users/ada',
    '/srv/work',
  ]);
  expect(sharedFolders([registry])).toEqual([]);
});

test('a root may be any folder that does not cover what a node needs', () => {
  const there = () => true;
  for (const root of ['/home/ada', '/Users/ada', '/srv/work', '/tmp/x', '/var/www', '/root', '/etcetera'])
    expect(rootProblem(root, there), root).toBeUndefined();
  // Folders of macOS; nodes have nothing like them.
  for (const root of [
    ...['/Users', '/Volumes/work', '/private/tmp', '/private/var/folders/zz/T'],
    ...['/opt/homebrew', '/Library', '/System/Volumes/Data/work', '/Applications'],
  ])
    expect(rootProblem(root, there), root).toBeUndefined();
  for (const root of [
    '/',
    '/etc',
    '/usr/local',
    '/var',
    '/var/lib',
    '/proc',
    '/run/user/1000',
    '/var/lib/rancher/x',
    '/opt',
  ])
    expect(rootProblem(root, there), root).toContain('would cover');
  expect(rootProblem('/srv/a:b', there)).toContain('colon');
  expect(rootProblem('/srv/gone', () => false)).toContain('does not exist');
});

test('the first unusable root is reported, with the setting', () => {
  expect(() => requireRoots(['/', '/srv'])).toThrow(
    expect.objectContaining({
      code: 'COPPICE_ROOTS',
      message: expect.stringContaining('the root / would cover'),
      hint: expect.stringContaining('k3d.roots'),
    }),
  );
});
