import { expect, test } from 'vitest';
import {
  type AppliedMigrations,
  migrationConflicts,
} from '../../../../servers/postgres/migrations/conflicts.ts';

/** `db/001_a.sql=x`: a path and, in short, its content. */
function has(environment: string, files: readonly string[], app = 'shop'): AppliedMigrations {
  const migrations = files.map((file) => {
    const [path = '', sha256 = ''] = file.split('=');
    return { path, sha256 };
  });
  return { app, environment, migrations };
}

const base = ['db/001_a.sql=a', 'db/002_b.sql=b'];

test('a branch that adds a migration conflicts with no other', () => {
  expect(migrationConflicts([has('main', base), has('x', [...base, 'db/003_x.sql=x'])])).toEqual([]);
});

test('two branches that add different numbers do not conflict', () => {
  expect(
    migrationConflicts([has('x', [...base, 'db/003_x.sql=x']), has('y', [...base, 'db/004_y.sql=y'])]),
  ).toEqual([]);
});

test('two branches that add the same number conflict', () => {
  expect(
    migrationConflicts([
      has('main', base),
      has('x', [...base, 'db/003_x.sql=x']),
      has('y', [...base, 'db/0003-y.sql=y']),
    ]),
  ).toEqual([
    {
      app: 'shop',
      kind: 'number',
      what: 'db/3',
      versions: [
        { path: 'db/003_x.sql', sha256: 'x', environments: ['x'] },
        { path: 'db/0003-y.sql', sha256: 'y', environments: ['y'] },
      ],
    },
  ]);
});

test('two branches with the same file but different content conflict', () => {
  expect(
    migrationConflicts([
      has('x', [...base, 'db/003_c.sql=1']),
      has('y', [...base, 'db/003_c.sql=2']),
      has('z', [...base, 'db/003_c.sql=2']),
    ]),
  ).toEqual([
    {
      app: 'shop',
      kind: 'content',
      what: 'db/003_c.sql',
      versions: [
        { path: 'db/003_c.sql', sha256: '1', environments: ['x'] },
        { path: 'db/003_c.sql', sha256: '2', environments: ['y', 'z'] },
      ],
    },
  ]);
});

test('the same migration under another name is no conflict', () => {
  expect(migrationConflicts([has('x', ['db/1_a.sql=a']), has('y', ['db/1_b.sql=a'])])).toEqual([]);
});

test('an up and a down file of one number do not conflict, even if a branch has only one of them yet', () => {
  const both = ['db/1.up.sql=u', 'db/1.down.sql=d'];
  expect(migrationConflicts([has('x', both), has('y', both), has('main', [])])).toEqual([]);
  expect(migrationConflicts([has('x', both), has('y', ['db/1.up.sql=u'])])).toEqual([]);
});

test('a number that all branches use twice is no conflict', () => {
  const twice = ['db/1_a.sql=a', 'db/1_b.sql=b'];
  expect(migrationConflicts([has('x', twice), has('y', twice)])).toEqual([]);
});

test('the same number in another folder or app is no conflict', () => {
  expect(migrationConflicts([has('x', ['a/1_x.sql=x']), has('y', ['b/1_y.sql=y'])])).toEqual([]);
  expect(migrationConflicts([has('x', ['a/1_x.sql=x']), has('y', ['a/1_y.sql=y'], 'blog')])).toEqual([]);
});

test('files without a number are compared by content alone', () => {
  expect(migrationConflicts([has('x', ['db/add_price.js=x']), has('y', ['db/drop_price.js=y'])])).toEqual([]);
});

test('the V that Flyway writes before the number is ignored', () => {
  expect(migrationConflicts([has('x', ['db/V3__x.sql=x']), has('y', ['db/V3__y.sql=y'])])).toHaveLength(1);
});
