import { appendFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { assemble, assembledName } from '../../../../cluster/images/assemble.ts';
import type { ImageLayout } from '../../../../cluster/images/layout.ts';
import { temporaryFolder } from './folder.ts';

let folder: string;
let source: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', folder);
  source = join(folder, 'source');
  writeFileSync(source, 'content');
  utimesSync(source, 1000, 1000);
  return () => void vi.unstubAllEnvs();
});

function layout(overrides: Partial<ImageLayout> = {}): ImageLayout {
  return {
    version: '1.2.3',
    entries: [{ kind: 'copy', path: 'program', from: source, mode: 0o755 }],
    defaults: { Cmd: ['program'] },
    ...overrides,
  };
}

const images = () => readdirSync(join(folder, 'coppice', 'images'));

test('an assembled image is called coppice.local/<name>:<version>-<hash>, its archive <name>-<hash>.tar', async () => {
  const { reference, archive } = await assembledName('node', layout());
  const hash = /^coppice\.local\/node:1\.2\.3-([0-9a-f]{8})$/.exec(reference)?.[1];
  expect(archive).toBe(join(folder, 'coppice', 'images', `node-${hash}.tar`));
});

test('unchanged inputs keep the name', async () => {
  expect(await assembledName('node', layout())).toEqual(await assembledName('node', layout()));
});

test('moving the toolchain does not change the name', async () => {
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'content');
  utimesSync(elsewhere, 1000, 1000);
  const moved = layout({ entries: [{ kind: 'copy', path: 'program', from: elsewhere, mode: 0o755 }] });
  expect(await assembledName('node', moved)).toEqual(await assembledName('node', layout()));
});

test.each<[string, () => ImageLayout]>([
  [
    'the size of a file',
    () => {
      appendFileSync(source, '!');
      utimesSync(source, 1000, 1000);
      return layout();
    },
  ],
  [
    'the age of a file',
    () => {
      utimesSync(source, 1000, 1001);
      return layout();
    },
  ],
  ['a text', () => layout({ entries: [{ kind: 'text', path: 'a', text: 'b', mode: 0o644 }] })],
  ['a mode', () => layout({ entries: [{ kind: 'copy', path: 'program', from: source, mode: 0o700 }] })],
  ['the command', () => layout({ defaults: { Cmd: ['other'] } })],
])('%s changes the name', async (_, change) => {
  const before = await assembledName('node', layout());
  expect((await assembledName('node', change())).reference).not.toBe(before.reference);
});

test('an existing archive is not written again', async () => {
  const image = await assembledName('node', layout());
  await assemble(image, layout());
  const before = statSync(image.archive, { bigint: true });
  await assemble(image, layout());
  expect(statSync(image.archive, { bigint: true })).toMatchObject({
    ino: before.ino,
    ctimeNs: before.ctimeNs,
  });
});

test('two simultaneous callers get one archive', async () => {
  const image = await assembledName('node', layout());
  await Promise.all([assemble(image, layout()), assemble(image, layout())]);
  expect(images()).toEqual([image.archive.slice(image.archive.lastIndexOf('/') + 1)]);
});

test('a failed attempt leaves nothing that looks like an image', async () => {
  const image = await assembledName('node', layout());
  const broken = layout({ entries: [{ kind: 'copy', path: 'a', from: '/proc/self/status', mode: 0o644 }] });
  await expect(assemble(image, broken)).rejects.toMatchObject({ code: 'COPPICE_IMAGE' });
  expect(images()).toEqual([]);
});
