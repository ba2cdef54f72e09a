import { describe, expect, test } from 'vitest';
import type { EnvironmentMigrations } from '../../../../app/databases/migrations.ts';
import { migrationReport } from '../../../../cli/ui/migrations.ts';

const now = Date.parse('2026-01-02T12:00:00Z');

const file = (path: string, content = path) => ({ path, sha256: content.padEnd(64, '0') });
const first = file('db/0001_products.sql', 'aaaa');

const environment = (
  name: string,
  applied: EnvironmentMigrations['applied'],
  files: EnvironmentMigrations['files'] = applied,
): EnvironmentMigrations => ({
  environment: name,
  branch: name,
  database: `wt_shop__${name}`,
  applied,
  files,
  rules: {},
});

const reportOf = (environments: readonly EnvironmentMigrations[]) =>
  migrationReport({ app: 'shop', environments, dumps: [] }, now);

describe('wt db status', () => {
  test('shows how many migrations each database has, and which are missing elsewhere', () => {
    const { text, exitCode } = reportOf([
      environment('main', [first]),
      environment('feat', [first, file('db/0002_price.sql')]),
    ]);
    expect(text.split('\n')).toEqual([
      'shop/main  1 migration',
      'shop/feat  2 migrations  with db/0002_price.sql',
    ]);
    expect(exitCode).toBe(0);
  });

  test('names what a worktree has and its database lacks', () => {
    const { text, exitCode } = reportOf([environment('main', [first], [first, file('db/0002_price.sql')])]);
    expect(text).toContain('not applied yet db/0002_price.sql');
    expect(text).toContain('wt up runs what is not applied yet');
    expect(exitCode).toBe(0);
  });

  test('ends with 1 when an applied migration was edited or removed', () => {
    const { text, exitCode } = reportOf([
      environment('main', [first, file('db/0002_a.sql')], [file(first.path, 'bbbb')]),
    ]);
    expect(text).toContain('edited after it ran db/0001_products.sql; removed after it ran db/0002_a.sql');
    expect(text).toContain('wt db reset');
    expect(exitCode).toBe(1);
  });

  test('warns when two branches take one number, before either is applied', () => {
    const { text, exitCode, json } = reportOf([
      environment('main', [first]),
      environment('a', [first], [first, file('db/0002_price.sql')]),
      environment('b', [first], [first, file('db/0002_stock.sql')]),
    ]);
    expect(text).toMatch(/conflict: two migrations take the same number: db\/2/);
    expect(text).toMatch(/db\/0002_price\.sql +\S{8} +a\n +db\/0002_stock\.sql +\S{8} +b/);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ conflicts: [{ kind: 'number' }] });
  });

  test('warns when two branches have one file with different content', () => {
    const { text, exitCode } = reportOf([
      environment('a', [first, file('db/0002_price.sql', 'cccc')]),
      environment('b', [first, file('db/0002_price.sql', 'dddd')]),
    ]);
    expect(text).toContain('conflict: two versions of db/0002_price.sql');
    expect(exitCode).toBe(1);
  });

  test('counts what is applied where the worktree cannot be read', () => {
    const { text, json } = reportOf([{ ...environment('gone', [first]), files: undefined }]);
    expect(text).toContain('its worktree cannot be read');
    expect(json).toMatchObject({ environments: [{ worktreeRead: false, pending: [], applied: [first] }] });
  });

  test('reports that no environment has a database', () => {
    expect(reportOf([]).text).toBe('no environment of shop has a PostgreSQL database');
  });

  test('lists what was left out of the dump, with its line and why', () => {
    const objects = [
      { kind: 'policy', line: 12, what: 'readers ON app.people' },
      { kind: 'extension', line: 3, what: 'pg_cron', why: 'it is not installed here' },
      { kind: 'view', line: 0, what: 'public.mails', why: 'division by zero' },
    ] as const;
    const dumps = [
      {
        template: 'src_shop__1',
        builtAt: '2026-01-02T10:00:00Z',
        leftOut: { counts: { owner: 47, policy: 1, extension: 1, view: 1 }, objects },
      },
    ];
    const { text, json, exitCode } = migrationReport(
      { app: 'shop', environments: [environment('main', [first])], dumps },
      now,
    );
    expect(text.split('\n').slice(2)).toEqual([
      'left out of the dump that was restored 2 h ago: 47 owners, 1 extension (pg_cron: it is not installed here), 1 policy (readers ON app.people), 1 materialised view without rows (public.mails: division by zero)',
      '  line 12  policy readers ON app.people                 its roles are not here',
      '  line 3   extension pg_cron                            it is not installed here',
      '  mask     materialised view without rows public.mails  division by zero',
    ]);
    expect(json).toMatchObject({
      dumps: [
        {
          template: 'src_shop__1',
          leftOut: {
            counts: { owner: 47 },
            objects: [{ ...objects[0], why: 'its roles are not here' }, objects[1], objects[2]],
          },
        },
      ],
    });
    expect(exitCode).toBe(0);
  });

  test('says how much more was left out than it lists', () => {
    const objects = Array.from({ length: 30 }, (_, line) => ({
      kind: 'eventTrigger' as const,
      line,
      what: `t${line}`,
    }));
    const dump = { template: 's', builtAt: '2026-01-02T10:00:00Z' };
    const dumps = [{ ...dump, leftOut: { counts: { eventTrigger: 30 }, objects } }];
    const { text } = migrationReport({ app: 'shop', environments: [environment('main', [])], dumps }, now);
    expect(text).toMatch(/\n {2}and 10 more: wt db status --json$/);
  });
});
