import { describe, expect, test } from 'vitest';
import { databaseInputs } from '../../../../resources/database/inputs.ts';
import { archiveRequest, jobRequest } from '../../../../resources/database/run-command.ts';
import type { CommandRun } from '../../../../servers/postgres/types.ts';
import { planOf, record, shop } from '../../../golden/plans.ts';

const digest = (path: string) => ({ path, sha256: 'a'.repeat(64) });
const plan = planOf(
  `${shop}database:
  migrate: { command: node db/migrate.js, inputs: ["db/*.sql"], env: { DB: "\${database.url}", MODE: "$5" } }
  from: { dump: prod.dump }
`,
  { databaseFiles: { migrations: [digest('db/1.sql')], tools: [], seed: [], dump: digest('prod.dump') } },
);
const cluster = { ...record, mountPath: '/host', images: { ...record.images, postgres: 'postgres:18' } };
const inputs = databaseInputs(plan, cluster);
if (!inputs) throw new Error('the plan has no database');
const where = { inputs, address: { host: 'postgres.coppice.svc', port: 5432 }, ssl: false };
const run = (kind: CommandRun['kind']): CommandRun => ({
  kind,
  database: 'build_shop__1',
  user: 'build_shop__1',
  password: 'geheim',
  session: `coppice-${kind}-1`,
  signal: new AbortController().signal,
});

describe("one of the app's commands", () => {
  const job = jobRequest(where, run('migrate'), 'migrate-1');

  test("gets the database that is being built, not the environment's", () => {
    expect(job.secret).toMatchObject({
      url: 'postgres://build_shop__1:geheim@postgres.coppice.svc:5432/build_shop__1',
      host: 'postgres.coppice.svc',
      port: '5432',
      name: 'build_shop__1',
      password: 'geheim',
    });
    const names = job.variables.filter(({ valueFrom }) => valueFrom).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['DATABASE_URL', 'PGHOST', 'PGDATABASE', 'PGPASSWORD']));
  });

  test('has its password only in a Secret', () => {
    const { secret: _, signal: __, ...rest } = job;
    expect(JSON.stringify(rest)).not.toContain('geheim');
  });

  test('names its sessions, so that they can be ended when it is stopped', () => {
    expect(job.variables).toContainEqual({ name: 'PGAPPNAME', value: 'coppice-migrate-1' });
  });

  test('gets its own variables, with references to the database filled in by the node', () => {
    expect(job.variables).toContainEqual({ name: 'MODE', value: '$$5' });
    expect(job.variables).toContainEqual({ name: 'DB', value: '$(COPPICE_DATABASE_URL)' });
  });

  test('runs as the owner of the worktree, on its files, without git', () => {
    expect(job.user).toEqual({ uid: 1000, gid: 1000 });
    expect(job.workingDir).toBe('/app');
    expect(job.mounts).toEqual([
      { name: 'app', mountPath: '/app' },
      { name: 'no-git', mountPath: '/app/.git', readOnly: true, subPath: 'empty' },
    ]);
    expect(job.volumes).toContainEqual({
      name: 'no-git',
      secret: { secretName: 'migrate-1', items: [{ key: 'empty', path: 'empty' }] },
    });
    expect(job.secret.empty).toBe('');
  });

  test('is named as in the spec', () => {
    expect(job.what).toBe('migrate of shop (node db/migrate.js)');
  });
});

describe('an archive', () => {
  const { signal } = new AbortController();

  test.each([
    ['file', false, 'File'],
    ['folder', true, 'Directory'],
  ])(
    'that is a %s is read in a pod that sees it and the folder of its text, and nothing else of this machine',
    (_, isFolder, type) => {
      const archive = { from: '/data/prod.dump', isFolder, to: '/home/ann/dumps/shop/1.sql.gz' };
      const job = archiveRequest(inputs, 'archive-1', archive, signal);
      expect(job.image).toBe('postgres:18');
      expect(job.volumes.filter(({ hostPath }) => hostPath)).toEqual([
        { name: 'dump', hostPath: { path: '/host/data/prod.dump', type } },
        { name: 'text', hostPath: { path: '/host/home/ann/dumps/shop', type: 'Directory' } },
      ]);
      expect(job.mounts.find(({ name }) => name === 'dump')?.readOnly).toBe(true);
      expect(job.variables).toContainEqual({ name: 'TEXT', value: '/text/1.sql.gz' });
    },
  );

  test('needs nodes that see it', () => {
    const { mountPath: _, ...elsewhere } = inputs;
    expect(() => archiveRequest(elsewhere, 'r', { from: '/d', isFolder: false, to: '/t' }, signal)).toThrow(
      expect.objectContaining({ code: 'COPPICE_DUMP' }),
    );
  });
});
