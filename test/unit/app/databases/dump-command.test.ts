import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { provideDump } from '../../../../app/databases/dump-command.ts';
import { refuseDatabaseLoss } from '../../../../app/environments/database-loss.ts';
import { Interrupts } from '../../../../core/interrupts.ts';
import { paths } from '../../../../core/paths.ts';
import { dumpFile } from '../../../../core/state/dumps.ts';
import { platformsOf } from '../../../../stacks/place.ts';
import { loadWorktree, readFiles } from '../../../../stacks/worktree.ts';
import { identity, planOf, shop } from '../../../golden/plans.ts';
import { testPorts } from '../ports.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-dump-')));
  vi.stubEnv('XDG_DATA_HOME', join(folder, 'data'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('a dump by a command', () => {
  const repository = '/src/shop/.git';
  const make = async (
    command: string,
    options: { yes: boolean; refresh?: boolean },
    ask = async () => false,
    interrupts = new Interrupts(),
  ) => {
    writeFileSync(
      join(folder, 'coppice.yaml'),
      `version: 1\nname: shop\ndatabase: { from: { dump: { command: ${JSON.stringify(command)} } } }\n`,
    );
    const worktree = await loadWorktree({
      identity: { ...identity, repository },
      specFile: join(folder, 'coppice.yaml'),
    });
    const provide = provideDump(options, testPorts({ env: process.env, ask, interrupts }));
    return (await readFiles(worktree, platformsOf({}), provide)).databaseFiles;
  };
  const kept = (command: string) => dumpFile('shop', repository, command);

  test('runs only after it was allowed, and from then on without a question', async () => {
    const command = 'echo rows';
    await expect(make(command, { yes: false })).rejects.toMatchObject({
      code: 'COPPICE_DUMP_NOT_ALLOWED',
      message: expect.stringContaining('  echo rows'),
    });
    const questions: string[] = [];
    const ask = async (question?: string) => questions.push(question ?? '') > 0;
    const files = await make(command, { yes: false }, ask);
    expect(questions).toEqual([expect.stringContaining('  echo rows')]);
    expect(files?.dump?.path).toBe(kept(command));
    await make(command, { yes: false, refresh: true });
  });

  test('is readable for the user alone, and not created twice', async () => {
    const command = `echo made >> ${folder}/times; echo rows`;
    await make(command, { yes: true });
    await make(command, { yes: true });
    expect(readFileSync(join(folder, 'times'), 'utf8')).toBe('made\n');
    expect(readFileSync(kept(command), 'utf8')).toBe('rows\n');
    expect(statSync(kept(command)).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(kept(command))).mode & 0o777).toBe(0o700);
    await make(command, { yes: true, refresh: true });
    expect(readFileSync(join(folder, 'times'), 'utf8')).toBe('made\nmade\n');
  });

  test.each([
    [
      'fails',
      'echo half; echo no route to host >&2; exit 3',
      /ended with exit code 3[\s\S]*no route to host/,
    ],
    ['prints nothing', 'true', /printed nothing/],
  ])('that %s reports that and keeps the previous dump', async (_, command, message) => {
    mkdirSync(dirname(kept(command)), { recursive: true });
    writeFileSync(kept(command), 'before');
    const failure = make(command, { yes: true, refresh: true });
    await expect(failure).rejects.toMatchObject({
      code: 'COPPICE_DUMP',
      message: expect.stringMatching(message),
    });
    expect(readFileSync(kept(command), 'utf8')).toBe('before');
    expect(readdirSync(dirname(kept(command)))).toEqual([expect.stringMatching(/\.dump$/)]);
  });

  test('that is interrupted ends with its command, and leaves no row on the disk', async () => {
    const pid = join(folder, 'pid');
    const command = `echo half; echo $$ > ${pid}; exec sleep 60`;
    const interrupts = new Interrupts();
    const failure = make(command, { yes: true }, undefined, interrupts);
    const rejected = expect(failure).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
    const half = `${kept(command)}.${process.pid}`;
    await vi.waitFor(() =>
      expect(readFileSync(half, 'utf8') + readFileSync(pid, 'utf8')).toMatch(/half\n\d+\n/),
    );
    expect(interrupts.interrupt()).toBe(true);
    await rejected;
    expect(readdirSync(dirname(half))).toEqual([]);
    await vi.waitFor(() => expect(() => process.kill(Number(readFileSync(pid, 'utf8')), 0)).toThrow('ESRCH'));
    expect(interrupts.interrupt()).toBe(false);
  });

  test('removes what a killed one has left', async () => {
    const command = 'echo rows';
    mkdirSync(dirname(kept(command)), { recursive: true });
    writeFileSync(`${kept(command)}.4711`, 'half');
    await make(command, { yes: true });
    expect(readdirSync(dirname(kept(command)))).toEqual([expect.stringMatching(/\.dump$/)]);
  });
});

describe('a spec that no longer has its database', () => {
  const stack = { project: 'shop', stack: 'feat-login' };
  const lost = planOf(shop);
  const resource = {
    urn: 'u',
    type: 'coppice:index:Database',
    outputs: { server: { kind: 'platform' }, database: { name: 'wt_shop__feat_login' } },
  };
  const writeState = (resources: readonly object[]) => {
    const file = join(paths().pulumiState, '.pulumi', 'stacks', 'shop', 'feat-login.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ checkpoint: { latest: { resources } } }));
  };

  test('is refused with the name of the database, unless it is intended', async () => {
    writeState([resource]);
    await expect(refuseDatabaseLoss(stack, lost, { dropDatabase: false })).rejects.toMatchObject({
      code: 'COPPICE_DATABASE_LOST',
      message: expect.stringContaining('wt_shop__feat_login'),
      hint: expect.stringContaining('wt up --drop-database'),
    });
    await refuseDatabaseLoss(stack, lost, { dropDatabase: true });
  });

  test('is refused too when it names another server, which does not have the rows', async () => {
    writeState([resource]);
    const moved = planOf(`${shop}database: { server: managed }\n`);
    await expect(refuseDatabaseLoss(stack, moved, { dropDatabase: false })).rejects.toMatchObject({
      code: 'COPPICE_DATABASE_LOST',
      message: expect.stringContaining('on the server `platform`, and coppice.yaml says `managed`'),
      hint: expect.stringContaining('server: platform'),
    });
    await refuseDatabaseLoss(stack, moved, { dropDatabase: true });
    writeState([{ ...resource, outputs: { ...resource.outputs, server: { kind: 'managed' } } }]);
    await refuseDatabaseLoss(stack, moved, { dropDatabase: false });
  });

  test('loses nothing when there was none, or there still is one', async () => {
    await refuseDatabaseLoss(stack, lost, { dropDatabase: false });
    writeState([]);
    await refuseDatabaseLoss(stack, lost, { dropDatabase: false });
    writeState([resource]);
    await refuseDatabaseLoss(stack, planOf(`${shop}database: {}\n`), { dropDatabase: false });
  });
});
