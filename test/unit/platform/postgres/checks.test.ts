import { describe, expect, test } from 'vitest';
import { leftoverChecks } from '../../../../platform/postgres/checks.ts';
import type { DatabaseLeftovers } from '../../../../platform/postgres/leftovers.ts';
import type { MarkedDatabase } from '../../../../servers/postgres/marks/mark.ts';
import type { Mark } from '../../../../servers/postgres/types.ts';

const now = Date.parse('2026-01-05T12:00:00Z');
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString();
const owner = {
  app: 'shop',
  environment: 'main',
  branch: 'main',
  repository: '/src/shop/.git',
  worktree: '/src/shop',
};

type SnapshotMark = Mark & { readonly kind: 'snapshot' };

const snapshotOf = (
  name: string,
  days: number,
  reason: SnapshotMark['reason'] = 'down',
): MarkedDatabase & { readonly mark: SnapshotMark } => ({
  name: `snap_${name}`,
  oid: 20_000,
  isTemplate: false,
  allowsConnections: false,
  broken: false,
  sessions: 0,
  bytes: 8_000_000,
  mark: {
    coppice: 1,
    kind: 'snapshot',
    of: 'wt_shop__main',
    name,
    reason,
    takenAt: daysAgo(days),
    template: 'tpl_shop__1',
    migrations: [],
    ...owner,
  },
});

const leftovers = (changes: Partial<DatabaseLeftovers> = {}): DatabaseLeftovers => ({
  found: {
    facts: { major: 18, superuser: true, reflink: true, fileSystem: 'xfs', fsync: 0.1 },
    own: true,
    sharesBlocks: true,
    databases: [],
    roles: [],
    strays: [],
    locks: [],
    atWork: 0,
    disk: undefined,
  },
  known: true,
  orphans: [],
  templates: [],
  ...changes,
});

describe('the doctor', () => {
  test('reports no fault on a server without leftovers', () => {
    const checks = leftoverChecks(leftovers(), now);
    expect(checks.map(({ name, ok, detail }) => [name, ok, detail])).toEqual([
      ['databases', true, '0 environments'],
      ['snapshots', true, 'none'],
    ]);
  });

  test('reports leftovers of a crash as faults, with the command that removes them', () => {
    const why = 'a copy was cut short by a crash';
    const checks = leftoverChecks(
      leftovers({
        orphans: [
          { kind: 'folder', oid: 16_500, bytes: 1, why },
          { kind: 'role', role: 'wt_shop__old', why: 'it has no database' },
          {
            kind: 'clone',
            database: 'wt_shop__x',
            oid: 1,
            why: 'there is no environment shop/x',
            sessions: 0,
          },
        ],
      }),
      now,
    );
    expect(checks.filter(({ ok }) => !ok)).toEqual(
      [
        `folder base/16500: ${why}`,
        'role wt_shop__old: it has no database',
        'database wt_shop__x: there is no environment shop/x',
      ].map((detail) => ({ name: 'leftover', ok: false, detail, fix: 'wt doctor --fix' })),
    );
  });

  test('reports the number of snapshots and the age of the oldest, and no fault', () => {
    const orphans = [
      { kind: 'snapshot', database: 'snap_a', oid: 1, why: 'its time is over', sessions: 0 },
    ] as const;
    const { found } = leftovers();
    const databases = [snapshotOf('a', 4), snapshotOf('b', 2)];
    const checks = leftoverChecks(leftovers({ found: { ...found, databases }, orphans }), now);
    expect(checks.at(-1)).toEqual({
      name: 'snapshots',
      ok: true,
      detail: '2, the oldest 4 d old; the time of 1 is over (wt doctor --fix)',
    });
  });

  test('reports that the environments could not be listed', () => {
    const details = leftoverChecks(leftovers({ known: false }), now).map(({ detail }) => detail);
    expect(details.join('\n')).toContain('could not be asked');
  });

  test('lists unused templates', () => {
    const template = { database: 'tpl_shop__1', oid: 1, hash: '1', usedAt: daysAgo(20), bytes: 1 };
    const checks = leftoverChecks(leftovers({ templates: [template] }), now);
    expect(checks.at(-1)).toMatchObject({
      ok: true,
      detail: 'template tpl_shop__1: nothing uses it (wt doctor --fix)',
    });
  });
});
