import { describe, expect, test } from 'vitest';
import { migrationConflicts } from '../../../../servers/postgres/migrations/conflicts.ts';
import { changedMigrations, compareMigrations } from '../../../../servers/postgres/migrations/migrations.ts';
import { isStart } from '../../../../servers/postgres/templates/nearest.ts';

const file = (path: string, sha256 = path) => ({ path, sha256 });
const view = (path: string, sha256 = path) => ({ ...file(path, sha256), kind: 'repeatable' as const });
const none = { added: [], again: [], edited: [], removed: [] };

describe('migrations of a database and of its worktree', () => {
  test('an edited repeatable one runs again, and is refused by nobody', () => {
    const change = compareMigrations(
      [file('db/V1__a.sql'), view('db/R__v.sql', 'old')],
      [file('db/V1__a.sql'), view('db/R__v.sql', 'new')],
      { tool: 'flyway' },
    );
    expect(change).toEqual({ ...none, again: ['db/R__v.sql'] });
    expect(changedMigrations('db', change)).toBeUndefined();
  });

  test('one that went, or got another name, only leaves what it created', () => {
    const change = compareMigrations([view('db/R__v.sql')], [view('db/R__w.sql')], { tool: 'flyway' });
    expect(change).toEqual({ ...none, added: ['db/R__w.sql'] });
  });

  test('what an older coppice recorded of generated and undo files is no migration', () => {
    const applied = [file('db/0001_a.sql'), file('db/schema.sql', 'old'), file('db/0001_a.down.sql')];
    expect(compareMigrations(applied, [file('db/0001_a.sql')])).toEqual(none);
    const rules = { ignored: ['db/dump.txt'] };
    expect(compareMigrations([file('db/dump.txt', 'old')], [], rules)).toEqual(none);
  });

  test('squashed migrations may go: a Flyway baseline, replaces of Django', () => {
    const flyway = { tool: 'flyway' as const };
    const baseline = [file('db/B2__all.sql'), file('db/V3__c.sql')];
    const applied = [file('db/V1__a.sql'), file('db/V2__b.sql'), file('db/V3__c.sql')];
    expect(compareMigrations(applied, baseline, flyway)).toEqual({ ...none, added: ['db/B2__all.sql'] });
    expect(
      compareMigrations(applied, [file('db/B1__all.sql'), file('db/V3__c.sql')], flyway).removed,
    ).toEqual(['db/V2__b.sql']);
    const squashed = { ...file('s/migrations/0001_s.py'), replaces: ['s/migrations/0001_a.py'] };
    const django = compareMigrations(
      [file('s/migrations/0001_a.py'), file('s/migrations/0002_b.py')],
      [squashed],
      { tool: 'django' },
    );
    expect(django.removed).toEqual(['s/migrations/0002_b.py']);
  });

  test('the refusal of a file that may be no migration names a way that keeps the rows', () => {
    const hint = (path: string) => changedMigrations('db', { ...none, edited: [path] })?.hint;
    expect(hint('db/dump.txt')).toMatch(/`repeatable:` or `generated:`/);
    expect(hint('db/0001_a.sql')).not.toMatch(/generated/);
  });
});

describe('a template to begin from', () => {
  const start = (has: string[], wanted: string[], rules = {}) =>
    isStart(
      has.map((path) => file(path)),
      { migrations: wanted.map((path) => file(path)), rules },
    );

  test.each([
    [['db/1_a.sql'], ['db/1_a.sql', 'db/2_b.sql'], true],
    [['db/9_a.sql'], ['db/9_a.sql', 'db/10_b.sql'], true],
    [['db/2_b.sql'], ['db/1_a.sql', 'db/2_b.sql'], false],
    [['db/1_a.sql', 'db/2_x.sql'], ['db/1_a.sql', 'db/2_b.sql'], false],
    [[], ['db/1_a.sql'], false],
  ])('%j for %j: %s', (has, wanted, expected) => {
    expect(start(has, wanted)).toBe(expected);
  });

  test('has the same content of every migration', () => {
    expect(isStart([file('db/1.sql', 'a')], { migrations: [file('db/1.sql', 'b'), file('db/2.sql')] })).toBe(
      false,
    );
  });

  test('may lack any revision where each names what it follows', () => {
    const [one, two] = ['v/versions/ffffffffffff_a.py', 'v/versions/aaaaaaaaaaaa_b.py'];
    expect(start([one], [one, two], { tool: 'alembic' })).toBe(true);
  });

  test('may have another text of a repeatable one, but none that is gone', () => {
    const wanted = {
      migrations: [view('R__v.sql', 'new'), file('V1__a.sql')],
      rules: { tool: 'flyway' as const },
    };
    expect(isStart([view('R__v.sql', 'old'), file('V1__a.sql')], wanted)).toBe(true);
    expect(isStart([view('R__gone.sql'), file('V1__a.sql')], wanted)).toBe(false);
  });
});

describe('conflicts between branches', () => {
  const conflicts = (one: object[], other: object[]) =>
    migrationConflicts([
      { app: 'shop', environment: 'a', migrations: one as never },
      { app: 'shop', environment: 'b', migrations: other as never },
    ]).map(({ kind, what }) => `${kind} ${what}`);

  test.each([
    ['db/V1.2__a.sql', 'other/V1_2__b.sql', ['number V1.2']],
    ['m/20240102030405_a/migration.sql', 'm/20240102030405_b/migration.sql', ['number m/20240102030405']],
    ['shop/migrations/0007_a.py', 'shop/migrations/0007_b.py', ['number shop/migrations/7']],
    ['shop/migrations/0007_a.py', 'users/migrations/0007_b.py', []],
    ['m/20240102030405_a.rb', 'm/20240102030406_b.rb', []],
  ])('%s and %s: %j', (one, other, expected) => {
    expect(conflicts([file(one)], [file(other)])).toEqual(expected);
  });

  test('two heads of Alembic, and repeatable files that git merges', () => {
    const head = (path: string) => ({ ...file(path), follows: '1975ea83b712' });
    expect(conflicts([head('v/aaaaaaaaaaaa_a.py')], [head('v/bbbbbbbbbbbb_b.py')])).toEqual([
      'parent 1975ea83b712',
    ]);
    expect(conflicts([view('R__v.sql', 'a')], [view('R__v.sql', 'b')])).toEqual([]);
  });
});
