import { expect, test } from 'vitest';
import { complete, type Entry } from '../../../../cluster/images/layout.ts';
import { postgresLayout } from '../../../../platform/postgres/image.ts';

const layout = postgresLayout({
  version: '18.6.0',
  tree: [{ kind: 'copy', path: 'usr/lib/postgresql/18/bin/postgres', from: '/x/bin/postgres', mode: 0o755 }],
  tools: ['/bin/cp', '/usr/bin/flock'],
  libraries: ['/lib/x86_64-linux-gnu/libc.so.6'],
  zones: [],
  busybox: '/bin/busybox',
  applets: ['bin/sh', 'bin/cp', 'bin/grep'],
});
const at = (path: string): Entry | undefined => complete(layout.entries).find((entry) => entry.path === path);

test('the programs have the paths of the official image, and are on PATH', () => {
  expect(at('usr/lib/postgresql/18/bin/postgres')).toMatchObject({ kind: 'copy', mode: 0o755 });
  expect(layout.defaults.Env?.[0]).toMatch(/^PATH=.*:\/usr\/lib\/postgresql\/18\/bin$/);
});

test('the user postgres is 999 and owns the data folder', () => {
  expect(at('etc/passwd')).toMatchObject({
    text: expect.stringContaining('postgres:x:999:999::/var/lib/postgresql:/bin/sh\n'),
  });
  expect(at('var/lib/postgresql')).toMatchObject({ kind: 'folder', owner: 999 });
});

test("cp is not busybox's, which does not know reflinks, but sh is", () => {
  expect(at('usr/bin/cp')).toMatchObject({ kind: 'copy', from: '/bin/cp' });
  expect(at('usr/bin/sh')).toMatchObject({ kind: 'link', target: '/usr/bin/busybox' });
});

test('extensions that are clients find their library', () => {
  expect(at('usr/lib/libpq.so.5')).toMatchObject({ target: '/usr/lib/postgresql/18/lib/libpq.so.5' });
});

test('it requests the fast shutdown from its runtime', () => {
  expect(layout.defaults.StopSignal).toBe('SIGINT');
});
