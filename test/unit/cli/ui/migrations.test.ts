import { describe, expect, test } from 'vitest';
import type { EnvironmentMigrations } from '../../../../app/databases/migrations.ts';
import { migrationReport } from '../../../../cli/ui/migrations.ts';

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
  migrationReport({ app: 'shop', environments });

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
});
