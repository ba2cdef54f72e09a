import { describe, expect, test } from 'vitest';
import type { DatabaseReset } from '../../../../../app/databases/reset.ts';
import type { EnvironmentName } from '../../../../../app/target/target.ts';
import { forkReport } from '../../../../../cli/verbs/db/fork.ts';
import { listReport } from '../../../../../cli/verbs/db/list.ts';
import { psqlReport } from '../../../../../cli/verbs/db/psql.ts';
import { templateReport } from '../../../../../cli/verbs/db/refresh-template.ts';
import { resetReport } from '../../../../../cli/verbs/db/reset.ts';
import { restoreReport } from '../../../../../cli/verbs/db/restore.ts';
import { removedReport, snapshotReport } from '../../../../../cli/verbs/db/snapshot.ts';
import { undoReport } from '../../../../../cli/verbs/db/undo.ts';
import { urlReport } from '../../../../../cli/verbs/db/url.ts';
import type { Inventory } from '../../../../../servers/postgres/inventory/inventory.ts';
import type { Mark } from '../../../../../servers/postgres/types.ts';

const now = Date.parse('2026-01-05T12:00:00Z');
const takenAt = '2026-01-05T10:00:00Z';
const environment: EnvironmentName = { app: 'shop', slug: 'feat-a', namespace: 'wt-shop--feat-a' };
const database = 'wt_shop__feat_a';
const cloned = { strategy: 'clone', milliseconds: 12 } as const;
const copied = { strategy: 'wal_log', milliseconds: 340 } as const;
const mark = (name: string, reason: 'asked' | 'down' | 'reset') =>
  ({
    coppice: 1,
    kind: 'snapshot',
    of: database,
    name,
    reason,
    takenAt,
    template: 'tpl_shop__1',
    migrations: [],
    app: 'shop',
    environment: 'feat-a',
    branch: 'feat/a',
    repository: '/src/shop/.git',
    worktree: '/src/shop-a',
  }) satisfies Mark;
const kept = { database: 'snap_1', mark: mark('reset-1', 'reset') };
const named = { app: 'shop', environment: 'feat-a' };
/** What `--json` prints. */
const printed = (document: unknown): unknown => JSON.parse(JSON.stringify(document));

describe('wt db fork', () => {
  const fork = { ...cloned, environment, from: 'shop/main', source: { kind: 'live' } } as const;

  test('reports whose content the database has now, and how to get the previous one back', () => {
    expect(forkReport({ ...fork, kept }, now).text.split('\n')).toEqual([
      'the database of shop/feat-a is what that of shop/main is now: cloned, sharing its blocks, in 12 ms',
      '  wt up runs the migrations that it lacks',
      '  the previous content is kept for 72 hours as reset-1: wt db undo',
    ]);
  });

  test("reports a snapshot's age", () => {
    const source = { kind: 'snapshot', name: 'down-1', takenAt } as const;
    expect(forkReport({ ...fork, source }, now).text).toContain(
      'is what that of shop/main was 2 h ago (snapshot down-1)',
    );
  });

  test('as JSON is one document', () => {
    expect(printed(forkReport({ ...fork, kept }, now).json)).toEqual({
      ...named,
      from: 'shop/main',
      source: { kind: 'live' },
      ...cloned,
      sharesBlocks: true,
      kept: 'reset-1',
    });
  });
});

describe('wt db reset', () => {
  const again: DatabaseReset = { kind: 'postgres', app: 'shop', slug: 'feat-a', database, ...copied };

  test('reports how the new clone was made, and what became of the previous content', () => {
    expect(resetReport(again).text.split('\n')).toEqual([
      'the database of shop/feat-a is a new clone of its template: copied in full in 340 ms',
      '  the previous content is gone',
    ]);
    expect(printed(resetReport(again).json)).toEqual({ ...named, database, ...copied, sharesBlocks: false });
  });

  const file: DatabaseReset = {
    kind: 'sqlite',
    app: 'shop',
    slug: 'feat-a',
    name: 'dev.db',
    file: '/src/shop-a/dev.db',
    source: '/src/shop/dev.db',
    origin: 'reflink',
    milliseconds: 3,
    previous: 'dev.db.previous',
  };

  test('for a file reports what it is a copy of, and to restart the services', () => {
    expect(resetReport(file).text.split('\n')).toEqual([
      'dev.db of shop/feat-a is a new copy of /src/shop/dev.db',
      '  the previous file is kept as dev.db.previous',
      '  services still have the old file open: wt stop, then wt start',
    ]);
    expect(printed(resetReport(file).json)).toEqual({
      ...named,
      file: '/src/shop-a/dev.db',
      origin: 'reflink',
      milliseconds: 3,
      previous: 'dev.db.previous',
    });
  });

  test('for a file without an original reports that it is gone', () => {
    expect(resetReport({ ...file, origin: 'empty' }).text).toContain('is gone: there is none to copy');
  });
});

describe('wt db snapshot', () => {
  test('reports how the copy was made, and how to bring it back', () => {
    const snapshot = { ...cloned, environment, of: database, mark: mark('before', 'asked') };
    const { text, json } = snapshotReport('before', { ...snapshot, database: 'snap_2' });
    expect(text.split('\n')).toEqual([
      'snapshot before of shop/feat-a: cloned, sharing its blocks, in 12 ms',
      '  wt db restore before brings it back',
    ]);
    expect(printed(json)).toEqual({
      ...named,
      database,
      name: 'before',
      takenAt,
      ...cloned,
      sharesBlocks: true,
    });
  });

  test('reports which one was removed', () => {
    expect(removedReport('before', { environment, of: database })).toEqual({
      text: 'removed the snapshot before of shop/feat-a',
      json: { ...named, database, name: 'before', removed: true },
    });
  });
});

test('wt db restore reports what the database is now, and what became of the previous content', () => {
  const { text, json } = restoreReport('before', { ...cloned, environment, database, kept });
  expect(text.split('\n')).toEqual([
    'the database of shop/feat-a is what it was in the snapshot before: cloned, sharing its blocks, in 12 ms',
    '  wt up runs the migrations that it lacks',
    '  the previous content is kept for 72 hours as reset-1: wt db undo',
  ]);
  expect(printed(json)).toEqual({
    ...named,
    database,
    restored: 'before',
    ...cloned,
    sharesBlocks: true,
    kept: 'reset-1',
  });
});

describe('wt db undo', () => {
  const undone = { ...cloned, environment, database, snapshot: mark('down-1', 'down') };

  test('reports what came back, and how to reverse that', () => {
    const { text, json } = undoReport({ ...undone, kept }, now);
    expect(text.split('\n')).toEqual([
      'the database of shop/feat-a is what it was before down, 2 h ago',
      '  wt db undo again reverses this',
    ]);
    expect(printed(json)).toEqual({
      ...named,
      database,
      broughtBack: 'down-1',
      ...cloned,
      sharesBlocks: true,
      kept: 'reset-1',
    });
  });

  test('reports that wt up uses a database that replaced none', () => {
    expect(undoReport(undone, now).text).toContain('\n  wt up uses it as it is');
  });
});

describe('wt db list', () => {
  const reportOf = ({ own }: Inventory) =>
    own ? { text: 'ours', json: { disk: 1 } } : { text: 'theirs', json: { disk: 2 } };
  const inventory = (own: boolean) => ({ own }) as Inventory;

  test('shows the managed server below that of the platform', () => {
    expect(listReport({ platform: inventory(true), managed: inventory(false) }, reportOf)).toEqual({
      text: 'ours\n\nthe managed server\n\ntheirs',
      json: { disk: 1, managed: { disk: 2 } },
    });
  });

  test('shows one alone where there is only one', () => {
    expect(listReport({ platform: inventory(true) }, reportOf)).toEqual({ text: 'ours', json: { disk: 1 } });
    expect(listReport({ managed: inventory(false) }, reportOf)).toEqual({
      text: 'theirs',
      json: { managed: { disk: 2 } },
    });
  });
});

test('wt db refresh-template reports what was built, and that no database changed', () => {
  const migrations = [{ path: 'db/1.sql', sha256: 'a' }];
  const { text, json } = templateReport({
    app: 'shop',
    name: 'tpl_shop__1',
    built: true,
    mark: {
      coppice: 1,
      kind: 'template',
      app: 'shop',
      hash: '1',
      stage: 'complete',
      builtAt: takenAt,
      buildMilliseconds: 4200,
      migrations,
      files: 300,
      bytes: 8_000_000,
    },
  });
  expect(text.split('\n')).toEqual([
    'built tpl_shop__1 in 4.2 s: 1 migration, 8.0 MB',
    '  existing databases stay as they are; wt db reset replaces one by a clone of it',
  ]);
  expect(json).toEqual({
    app: 'shop',
    template: 'tpl_shop__1',
    hash: '1',
    buildMilliseconds: 4200,
    bytes: 8_000_000,
    migrations,
  });
});

test('wt db url prints the URL and nothing else', () => {
  expect(urlReport('postgres://x')).toEqual({ text: 'postgres://x', json: { url: 'postgres://x' } });
});

test("wt db psql ends with psql's exit code, and with 1 where wt gives that code another meaning", () => {
  expect([0, 1, 2, 3, 126, 137].map((code) => psqlReport(code).exitCode)).toEqual([0, 1, 2, 3, 1, 1]);
});
