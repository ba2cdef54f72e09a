import { expect, test } from 'vitest';
import type { Inventory } from '../../../../servers/postgres/inventory/inventory.ts';
import { findOrphans } from '../../../../servers/postgres/inventory/orphans.ts';
import type { MarkedDatabase } from '../../../../servers/postgres/marks/mark.ts';
import { lockKey } from '../../../../servers/postgres/marks/private-names.ts';
import type { Mark } from '../../../../servers/postgres/types.ts';

const now = new Date('2026-03-04T12:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
const owner = {
  app: 'shop',
  environment: 'feat-login',
  repository: '/src/shop/.git',
  branch: 'feat/login',
  worktree: '/src/feat-login',
};
const here = [{ app: 'shop', environment: 'feat-login' }];

const clone: Mark = {
  coppice: 1,
  kind: 'clone',
  template: 'tpl_shop__0',
  migrations: [],
  strategy: 'clone',
  milliseconds: 30,
  createdAt: hoursAgo(500),
  origin: { kind: 'template' },
  ...owner,
};
const snapshot = (reason: 'asked' | 'down', takenAt: string): Mark => ({
  coppice: 1,
  kind: 'snapshot',
  of: 'wt_shop__gone',
  name: 'before',
  reason,
  takenAt,
  template: 'tpl_shop__0',
  migrations: [],
  ...owner,
  environment: 'gone',
});
const building: Mark = {
  coppice: 1,
  kind: 'building',
  app: 'shop',
  hash: 'feedfacefeedface',
  startedAt: hoursAgo(1),
};

function database(name: string, mark: Mark | undefined, more: Partial<MarkedDatabase> = {}): MarkedDatabase {
  return {
    name,
    oid: 20_000,
    mark,
    isTemplate: false,
    allowsConnections: mark?.kind === 'clone',
    broken: false,
    sessions: 0,
    bytes: 8_000_000,
    ...more,
  };
}

function found(databases: readonly MarkedDatabase[], more: Partial<Inventory> = {}, existing = here) {
  const inventory: Inventory = {
    facts: { major: 18, superuser: true, reflink: true, fileSystem: 'xfs', fsync: 0.1 },
    own: true,
    sharesBlocks: true,
    databases,
    roles: [],
    strays: [],
    disk: undefined,
    locks: [],
    atWork: 0,
    ...more,
  };
  return findOrphans(inventory, existing, now);
}

const gone: Mark = { ...clone, environment: 'gone' };

test('the database of an existing environment is no orphan', () => {
  expect(found([database('wt_shop__feat_login', clone)])).toEqual([]);
});

test('the database of a deleted environment is an orphan', () => {
  expect(found([database('wt_shop__gone', gone, { sessions: 2 })])).toEqual([
    {
      kind: 'clone',
      database: 'wt_shop__gone',
      oid: 20_000,
      sessions: 2,
      bytes: 8_000_000,
      why: 'there is no environment shop/gone',
    },
  ]);
});

test('an environment of another app does not keep it', () => {
  expect(found([database('wt_shop__gone', gone)], {}, [{ app: 'blog', environment: 'gone' }])).toHaveLength(
    1,
  );
});

test('nothing is an orphan when the environments could not all be listed', () => {
  const databases = [database('wt_shop__gone', gone), database('snap_1', snapshot('down', hoursAgo(100)))];
  const inventory = { own: true, locks: [], atWork: 0, databases, roles: ['wt_x'], strays: [] };
  expect(findOrphans(inventory as unknown as Inventory, undefined, now)).toEqual([]);
});

test('on a managed server an unknown environment may belong to another machine', () => {
  expect(found([database('wt_shop__gone', gone)], { own: false, roles: ['wt_shop__gone'] })).toEqual([]);
});

test.each(['snapshot', 'fork'] as const)('a database from a %s waits 72 hours for its wt up', (kind) => {
  const origin = kind === 'fork' ? { kind, of: 'wt_shop__main' } : { kind, name: 'before' };
  const broughtBack = (hours: number): Mark => ({ ...gone, origin, createdAt: hoursAgo(hours) }) as Mark;
  expect(found([database('wt_shop__gone', broughtBack(71))])).toEqual([]);
  expect(found([database('wt_shop__gone', broughtBack(73))])).toHaveLength(1);
});

test.each([
  ['one that was asked for is kept for ever', 'asked', 10_000, 0],
  ['what was replaced is kept for 72 hours', 'down', 71.9, 0],
  ['and then no longer', 'down', 72.1, 1],
] as const)('of snapshots, %s', (_what, reason, hours, count) => {
  expect(found([database('snap_1', snapshot(reason, hoursAgo(hours)))])).toHaveLength(count);
});

test('a build is an orphan when its lock is free', () => {
  const build = database('build_shop__feedfacefeedface', building);
  expect(found([build], { locks: [lockKey('feedfacefeedface')] })).toEqual([]);
  expect(found([build], { locks: [lockKey('another')] })).toMatchObject([{ kind: 'build' }]);
});

test('a template is never an orphan', () => {
  const template: Mark = {
    coppice: 1,
    kind: 'template',
    app: 'shop',
    hash: '0',
    stage: 'complete',
    builtAt: hoursAgo(9000),
    buildMilliseconds: 1,
    migrations: [],
    files: 300,
    bytes: 8_000_000,
  };
  expect(found([database('tpl_shop__0', template)])).toEqual([]);
});

test('an unmarked database is an orphan when it is closed and no command of ours is running', () => {
  const unmarked = database('snap_0', undefined);
  expect(found([unmarked])).toMatchObject([{ kind: 'unmarked', database: 'snap_0' }]);
  expect(found([unmarked], { atWork: 1 })).toEqual([]);
  expect(found([unmarked], { own: false })).toEqual([]);
});

test('an open database with a name like ours is not ours', () => {
  expect(found([database('wt_of_mine', undefined, { allowsConnections: true })])).toEqual([]);
});

test('a database whose DROP was interrupted is an orphan, even if its environment exists', () => {
  expect(found([database('wt_shop__feat_login', clone, { broken: true })])).toMatchObject([
    { kind: 'broken' },
  ]);
});

test('the closed database of an existing environment is reopened', () => {
  const closed = database('wt_shop__feat_login', clone, { allowsConnections: false });
  expect(found([closed])).toMatchObject([{ kind: 'closed' }]);
  expect(found([closed], { atWork: 1 })).toEqual([]);
});

test('a login role without a database of its name is an orphan, unless its environment exists', () => {
  const roles = ['build_shop__0', 'wt_shop__feat_login', 'wt_shop__gone', 'wt_shop__old'];
  expect(found([database('wt_shop__gone', gone, { oid: 20_001 })], { roles })).toMatchObject([
    { kind: 'clone' },
    { kind: 'role', role: 'build_shop__0' },
    { kind: 'role', role: 'wt_shop__old' },
  ]);
  expect(found([], { roles, atWork: 1 })).toEqual([]);
});

test('a folder without a database is an orphan', () => {
  expect(found([], { strays: [{ oid: 16_999, bytes: 7 }] })).toMatchObject([{ kind: 'folder', oid: 16_999 }]);
});
