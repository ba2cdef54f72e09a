import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { changedSinceUp, differences } from '../../../../app/environments/changed.ts';
import { contentParts } from '../../../../app/environments/content-hash.ts';
import type { EnvironmentRecord } from '../../../../app/environments/record.ts';

const watched = { patterns: ['db/*.sql'], files: ['seed.sql'] };

const ready = {
  kubeconfig: '/k',
  context: 'c',
  namespace: 'wt-shop--a',
  services: [],
  routes: [],
  generation: '',
};
const base = {
  app: 'shop',
  slug: 'a',
  branch: 'a',
  commit: '',
  contentHash: '',
  ownProgram: false,
  ready,
  urls: [],
  upAt: '',
};

describe('what changed since an up', () => {
  let folder: string;
  let record: EnvironmentRecord;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coppice-changed-'));
    mkdirSync(join(folder, 'app', 'db'), { recursive: true });
    writeFileSync(join(folder, 'app', 'coppice.yaml'), 'name: shop');
    writeFileSync(join(folder, 'app', 'db', '1.sql'), 'create table a();');
    const specFile = join(folder, 'app', 'coppice.yaml');
    const content = await contentParts({ specFile, watched });
    record = { ...base, worktree: folder, specFile, watched, content };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const changed = (worktree = folder) => changedSinceUp(record, record, worktree);

  test('is nothing while no file of the plan is another, whatever else the worktree has', async () => {
    writeFileSync(join(folder, 'app', 'index.js'), 'x');
    expect(await changed()).toEqual([]);
  });

  test.each([
    ['the spec', 'coppice.yaml', 'app/coppice.yaml'],
    ['a migration', 'db/1.sql', 'app/db/1.sql'],
    ['a new migration', 'db/2.sql', 'app/db/2.sql (new)'],
    ['a seed that was not there', 'seed.sql', 'app/seed.sql (new)'],
    ['a Pulumi project', 'infra/index.js', 'app/infra/index.js (new)'],
  ])('is %s', async (_, file, said) => {
    mkdirSync(join(folder, 'app', 'infra'), { recursive: true });
    writeFileSync(join(folder, 'app', file), 'other');
    expect(await changed()).toEqual([said]);
  });

  test('is a migration that was removed', async () => {
    rmSync(join(folder, 'app', 'db', '1.sql'));
    expect(await changed()).toEqual(['app/db/1.sql (removed)']);
  });

  test('is looked for where the worktree is now', async () => {
    const moved = `${folder}-moved`;
    mkdirSync(join(moved, 'app', 'db'), { recursive: true });
    writeFileSync(join(moved, 'app', 'coppice.yaml'), 'name: shop');
    writeFileSync(join(moved, 'app', 'db', '1.sql'), 'create table a();');
    try {
      expect(await changed(moved)).toEqual([]);
    } finally {
      rmSync(moved, { recursive: true });
    }
  });

  test('is not known of what an older coppice brought up', async () => {
    const { content: _, ...older } = record;
    writeFileSync(join(folder, 'app', 'coppice.yaml'), 'other');
    expect(await changedSinceUp(record, older, folder)).toEqual([]);
  });
});

test('coppice.yaml comes first, and of many files three are named', () => {
  const before = { a: '1', b: '1', c: '1', d: '1', 'coppice.yaml': '1' };
  const now = { a: '2', b: '2', c: '2', d: '2', 'coppice.yaml': '2' };
  expect(differences(before, now, '')).toEqual(['coppice.yaml', 'a', 'b', '2 more files']);
  expect(differences({ settings: '1' }, { settings: '2' }, '')).toEqual(['the settings']);
});
