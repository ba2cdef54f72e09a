import { expect, test } from 'vitest';
import { complete, type Entry } from '../../../../cluster/images/layout.ts';
import { merged } from '../../../../cluster/images/recipes/base.ts';
import { nodeLayout } from '../../../../cluster/images/recipes/node.ts';
import { pauseLayout } from '../../../../cluster/images/recipes/pause.ts';
import { traefikLayout } from '../../../../platform/gateway/image.ts';
import { temporalLayout } from '../../../../platform/temporal/image.ts';

const node = nodeLayout({
  version: '20.1.2',
  node: '/opt/node/bin/node',
  libraries: ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2', '/opt/odd/libodd.so'],
  npm: [{ kind: 'copy', path: 'usr/local/lib/node_modules/npm/package.json', from: '/x', mode: 0o644 }],
  busybox: '/bin/busybox',
  applets: ['bin/sh', 'usr/bin/env', 'sbin/ip', 'bin/busybox'],
  certificates: [],
});

function at(entries: readonly Entry[], path: string): Entry | undefined {
  return complete(entries).find((entry) => entry.path === path);
}

test('missing parent folders are created first', () => {
  const paths = complete([{ kind: 'text', path: 'a/b/c', text: '', mode: 0o644 }]).map(({ path }) => path);
  expect(paths).toEqual(['a', 'a/b', 'a/b/c']);
});

test('of two entries with one path the first is kept', () => {
  const text = (value: string): Entry => ({ kind: 'text', path: 'a', text: value, mode: 0o644 });
  expect(complete([text('first'), text('second')])).toEqual([text('first')]);
});

test('what lies in /bin, /sbin, /lib and /lib64 goes below /usr, as in the image', () => {
  expect(['/lib/x/libc.so.6', '/lib64/ld.so', 'bin/sh', '/usr/bin/env', '/opt/lib/x'].map(merged)).toEqual([
    'usr/lib/x/libc.so.6',
    'usr/lib64/ld.so',
    'usr/bin/sh',
    'usr/bin/env',
    'opt/lib/x',
  ]);
});

test('the node image has node, npm, npx and sh at the paths of the official one', () => {
  expect(at(node.entries, 'usr/local/bin/node')).toMatchObject({ kind: 'copy', mode: 0o755 });
  expect(at(node.entries, 'usr/local/bin/npm')).toMatchObject({
    target: '../lib/node_modules/npm/bin/npm-cli.js',
  });
  expect(at(node.entries, 'usr/local/bin/npx')).toMatchObject({
    target: '../lib/node_modules/npm/bin/npx-cli.js',
  });
  expect(at(node.entries, 'bin')).toMatchObject({ kind: 'link', target: 'usr/bin' });
  expect(at(node.entries, 'usr/bin/sh')).toMatchObject({ kind: 'link', target: '/usr/bin/busybox' });
});

test('the node image keeps the libraries where the loader looks for them', () => {
  for (const path of [
    'usr/lib/x86_64-linux-gnu/libc.so.6',
    'usr/lib64/ld-linux-x86-64.so.2',
    'opt/odd/libodd.so',
  ])
    expect(at(node.entries, path)).toMatchObject({ kind: 'copy' });
});

test('the node image has the user node as 1000 with its own home, and a /tmp for everybody', () => {
  expect(at(node.entries, 'etc/passwd')).toMatchObject({
    text: expect.stringContaining('node:x:1000:1000::/home/node:/bin/sh\n'),
  });
  expect(at(node.entries, 'home/node')).toMatchObject({ kind: 'folder', owner: 1000 });
  expect(at(node.entries, 'tmp')).toMatchObject({ mode: 0o1777 });
});

test('busybox itself is not replaced by a link to itself', () => {
  expect(at(node.entries, 'usr/bin/busybox')).toMatchObject({ kind: 'copy' });
});

test('a node without npm gives an image without links to nowhere', () => {
  const bare = nodeLayout({
    version: '1.0.0',
    node: '/n',
    libraries: [],
    npm: [],
    busybox: '/b',
    applets: [],
    certificates: [],
  });
  expect(at(bare.entries, 'usr/local/bin/npm')).toBeUndefined();
});

test('the traefik image starts /usr/local/bin/traefik', () => {
  const { entries, defaults } = traefikLayout({ version: '3', traefik: '/t', certificates: [] });
  expect(defaults.Entrypoint).toEqual(['/usr/local/bin/traefik']);
  expect(at(entries, 'usr/local/bin/traefik')).toMatchObject({ from: '/t', mode: 0o755 });
});

test('the temporal image starts /temporal as its user 1000, like the official one', () => {
  const { entries, defaults } = temporalLayout({ version: '1', temporal: '/t', certificates: [] });
  expect(defaults).toEqual({ Entrypoint: ['/temporal'], User: '1000:1000' });
  expect(at(entries, 'temporal')).toMatchObject({ from: '/t', mode: 0o755 });
  expect(at(entries, 'etc/passwd')).toMatchObject({
    text: expect.stringContaining('temporal:x:1000:1000:'),
  });
});

test('the pause image is one program that runs as a user without a name', () => {
  const { entries, defaults } = pauseLayout({ version: '1', catatonit: '/c' });
  expect(entries.map(({ path }) => path)).toEqual(['pause']);
  expect(defaults).toEqual({ Entrypoint: ['/pause', '-P'], User: '65535:65535' });
});
