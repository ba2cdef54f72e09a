import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extract, list } from 'tar';
import { expect, test } from 'vitest';
import { writeImage } from '../../../../cluster/images/archive.ts';
import type { Entry, ImageLayout } from '../../../../cluster/images/layout.ts';
import { writeTar } from '../../../../cluster/images/tar.ts';
import { temporaryFolder } from './folder.ts';

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

interface Listed {
  readonly path: string;
  readonly type: string;
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly size: number;
  readonly linkpath?: string | undefined;
}

async function listed(file: string): Promise<Listed[]> {
  const found: Listed[] = [];
  await list({
    file,
    onReadEntry: ({ path, type, mode, uid, size, linkpath }) =>
      void found.push({ path, type, mode, uid, size, linkpath }),
  });
  return found;
}

test('folders, files, links, modes and owners in the archive match the layout', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'source'), 'content', { mode: 0o600 });
  await writeTar(join(folder, 'a.tar'), [
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    { kind: 'copy', path: 'tmp/file', from: join(folder, 'source'), mode: 0o755 },
    { kind: 'text', path: 'tmp/text', text: 'grüße', mode: 0o644, owner: 1000 },
    { kind: 'link', path: 'tmp/link', target: 'file' },
  ]);
  expect(await listed(join(folder, 'a.tar'))).toEqual([
    { path: 'tmp/', type: 'Directory', mode: 0o1777, uid: 0, size: 0, linkpath: undefined },
    { path: 'tmp/file', type: 'File', mode: 0o755, uid: 0, size: 7, linkpath: undefined },
    { path: 'tmp/text', type: 'File', mode: 0o644, uid: 1000, size: 7, linkpath: undefined },
    { path: 'tmp/link', type: 'SymbolicLink', mode: 0o777, uid: 0, size: 0, linkpath: 'file' },
  ]);
});

test.each([99, 100, 101, 255, 256, 300])('a path of %i characters is preserved', async (length) => {
  const folder = temporaryFolder();
  const path = `${'folder-of-some-length/'.repeat(20)}`
    .slice(0, length - 5)
    .concat('/file')
    .replace('//', '-/');
  const link = path.replace(/file$/, 'link');
  await writeTar(join(folder, 'a.tar'), [
    { kind: 'text', path, text: 'x', mode: 0o644 },
    { kind: 'link', path: link, target: path },
  ]);
  expect(await listed(join(folder, 'a.tar'))).toMatchObject([
    { path, size: 1 },
    { path: link, linkpath: path },
  ]);
});

test('a file of many blocks keeps every byte', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'source');
  writeFileSync(source, Buffer.alloc(3_000_001, 'coppice'));
  await writeTar(join(folder, 'a.tar'), [
    { kind: 'copy', path: 'copy', from: source, mode: 0o644 },
    { kind: 'text', path: 'behind', text: 'still here', mode: 0o644 },
  ]);
  await extract({ file: join(folder, 'a.tar'), cwd: folder });
  expect(sha256(join(folder, 'copy'))).toBe(sha256(source));
  expect(readFileSync(join(folder, 'behind'), 'utf8')).toBe('still here');
});

test('the same content gives the same bytes, however old the files are', async () => {
  const folder = temporaryFolder();
  const source = join(folder, 'source');
  const entries: Entry[] = [{ kind: 'copy', path: 'a', from: source, mode: 0o644 }];
  writeFileSync(source, 'content');
  const first = await writeTar(join(folder, '1.tar'), entries);
  utimesSync(source, 1, 1);
  const second = await writeTar(join(folder, '2.tar'), entries);
  expect(second).toBe(first);
  expect([sha256(join(folder, '1.tar')), sha256(join(folder, '2.tar'))]).toEqual([first, first]);
});

test('a file whose size has changed before it is read is refused', async () => {
  // /proc reports 0 bytes for every file.
  const entry: Entry = { kind: 'copy', path: 'a', from: '/proc/self/status', mode: 0o644 };
  await expect(writeTar(join(temporaryFolder(), 'a.tar'), [entry])).rejects.toMatchObject({
    code: 'COPPICE_IMAGE',
  });
});

const layout: ImageLayout = {
  version: '1',
  entries: [{ kind: 'text', path: 'etc/motd', text: 'hello', mode: 0o644 }],
  defaults: { Env: ['A=b'], Entrypoint: ['/run', 'me'], User: '1000:1000' },
};

test('an image names its layer by the digest of its content', async () => {
  const folder = temporaryFolder();
  await writeImage(join(folder, 'i.tar'), 'coppice.local/test:1', layout);
  await extract({ file: join(folder, 'i.tar'), cwd: folder });
  const [manifest] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const config = JSON.parse(readFileSync(join(folder, manifest.Config), 'utf8'));
  expect(manifest.RepoTags).toEqual(['coppice.local/test:1']);
  expect(manifest.Config).toBe(`${sha256(join(folder, manifest.Config))}.json`);
  expect(config.rootfs.diff_ids).toEqual([`sha256:${sha256(join(folder, manifest.Layers[0]))}`]);
  expect(config).toMatchObject({ os: 'linux', config: layout.defaults });
  expect((await listed(join(folder, manifest.Layers[0]))).map(({ path }) => path)).toEqual([
    'etc/',
    'etc/motd',
  ]);
});

test('nothing but the image is left beside it', async () => {
  const folder = temporaryFolder();
  await writeImage(join(folder, 'i.tar'), 'coppice.local/test:1', layout);
  expect(readdirSync(folder)).toEqual(['i.tar']);
  expect(statSync(join(folder, 'i.tar')).size).toBeGreaterThan(1000);
});
