import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Content, canonicalJson, contentHash } from '../../../config/content-hash.ts';
import { parseSpec } from '../../../config/load.ts';
import { planEnvironment } from '../../../config/plan.ts';

let folder: string;
let content: Content;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coppice-hash-'));
  await writeFile(join(folder, 'a'), 'one');
  await writeFile(join(folder, 'b'), 'two');
  content = contentOf('1234');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function contentOf(commit: string): Content {
  const spec = parseSpec('version: 1\nname: shop\nservices: { web: { image: a/b, port: 80 } }\n', {
    file: 'x',
  });
  const identity = { repository: '/r/.git', worktree: '/r', branch: 'main', commit, uid: 1, gid: 1 };
  const plan = planEnvironment(spec, {
    identity,
    specFolder: '/r',
    profile: 'local',
    httpPort: 80,
    runtimes: {},
    mountPath: '/',
  });
  return {
    spec,
    plan,
    versions: { coppice: '0.1.0', kubernetes: '1.34.10' },
    clusterUid: 'uid-1',
    files: [join(folder, 'a'), join(folder, 'b')],
  };
}

test('the same content has the same hash, in whatever order it comes', async () => {
  const hash = await contentHash(content);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  const { spec, plan, versions, clusterUid } = content;
  const turned = {
    files: [join(folder, 'b'), join(folder, 'a'), join(folder, 'a')],
    clusterUid,
    versions: Object.fromEntries(Object.entries(versions).reverse()),
    plan: Object.fromEntries(Object.entries(plan).reverse()) as unknown as Content['plan'],
    spec,
  };
  expect(await contentHash(turned)).toBe(hash);
});

test.each<[string, () => Promise<Content>]>([
  ['HEAD', async () => contentOf('5678')],
  ['the cluster', async () => ({ ...content, clusterUid: 'uid-2' })],
  ['a version', async () => ({ ...content, versions: { ...content.versions, coppice: '0.2.0' } })],
  ['the plan', async () => ({ ...content, plan: { ...content.plan, slug: 'other' } })],
  ['the spec', async () => ({ ...content, spec: { ...content.spec, name: 'other' } })],
  ['the list of files', async () => ({ ...content, files: [join(folder, 'a')] })],
  [
    'the content of a file',
    async () => {
      await writeFile(join(folder, 'b'), 'three');
      return content;
    },
  ],
  [
    'a file that is gone',
    async () => {
      await rm(join(folder, 'b'));
      return content;
    },
  ],
])('%s changes it', async (_what, change) => {
  const before = await contentHash(content);
  expect(await contentHash(await change())).not.toBe(before);
});

test('a file that cannot be read is an error, not a hash', async () => {
  await expect(contentHash({ ...content, files: [folder] })).rejects.toThrow('EISDIR');
});

test('canonical JSON sorts the keys of maps and keeps the order of lists', () => {
  expect(canonicalJson({ b: [2, 1, { d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[2,1,{"c":2,"d":1}]}');
});
