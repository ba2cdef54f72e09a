import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { requireDump } from '../../../stacks/by-hand.ts';
import {
  type DumpRequest,
  filesToWatch,
  loadWorktree,
  type ProvideDump,
  planWorktree,
  worktreeIn,
} from '../../../stacks/worktree.ts';
import { record } from '../../golden/plans.ts';
import { makeRepository, type TestRepository } from '../git/repository.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = makeRepository();
  repository.commit('db/1.sql');
  vi.stubEnv('XDG_DATA_HOME', join(repository.folder, 'data'));
  vi.stubEnv('XDG_CACHE_HOME', join(repository.folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  repository.remove();
});

const spec = `version: 1
name: shop
services: { web: { image: shop, port: 80 } }
database: { from: { dump: { command: print-rows } }, migrate: { command: migrate, inputs: [db/*.sql] } }
profiles: { preview: { services: { web: { replicas: 3 } } } }
`;
const planIn = async (
  provideDump: ProvideDump,
  meant: Parameters<typeof worktreeIn>[1] = {},
  text = spec,
) => {
  writeFileSync(join(repository.top, 'coppice.yaml'), text);
  const worktree = await loadWorktree(await worktreeIn(repository.top, meant));
  return { worktree, plan: await planWorktree(worktree, { ...record, mountPath: '/' }, provideDump) };
};

describe('the plan of a worktree', () => {
  test('has what its spec names, with the provided dump', async () => {
    const requests: DumpRequest[] = [];
    const { plan } = await planIn(async (request) => {
      requests.push(request);
      mkdirSync(dirname(request.file), { recursive: true });
      writeFileSync(request.file, 'rows');
    });
    expect(requests).toEqual([expect.objectContaining({ command: 'print-rows' })]);
    expect(plan).toMatchObject({
      slug: 'main',
      profile: 'local',
      specFolder: repository.top,
      database: {
        from: { dump: { path: requests[0]?.file } },
        migrate: { migrations: [{ path: 'db/1.sql' }] },
      },
    });
  });

  test('has the requested name and profile', async () => {
    const noDump = spec.replace('from: { dump: { command: print-rows } }, ', '');
    const { plan } = await planIn(unasked, { as: 'other', profile: 'preview' }, noDump);
    expect(plan).toMatchObject({ slug: 'other', profile: 'preview', services: [{ replicas: 3 }] });
  });

  test('is not created by a manual `pulumi` before `wt` was allowed to create the dump', async () => {
    await expect(planIn(requireDump)).rejects.toMatchObject({
      code: 'COPPICE_DUMP',
      hint: 'run `wt db refresh-template`, or `wt up`',
    });
  });

  test('is refused with the place in the file when a migration is missing', async () => {
    const missing = spec
      .replace('db/*.sql', 'sql/*')
      .replace('from: { dump: { command: print-rows } }, ', '');
    await expect(planIn(unasked, {}, missing)).rejects.toMatchObject({
      code: 'COPPICE_SPEC',
      problems: [expect.objectContaining({ line: 4, message: 'no file here matches sql/*' })],
    });
  });
});

test('an unchanged `up` watches the input files of the plan', async () => {
  writeFileSync(join(repository.top, 'coppice.yaml'), spec);
  const watched = filesToWatch(await loadWorktree(await worktreeIn(repository.top, {})), { host: process });
  expect(watched.patterns).toEqual(['db/*.sql']);
  expect(watched.files).toContainEqual(expect.stringMatching(/\.dump$/));
});

const unasked: ProvideDump = async () => {
  throw new Error('there is no dump to make');
};
