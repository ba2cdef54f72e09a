import { expect, test } from 'vitest';
import { unusedTemplates } from '../../../../servers/postgres/inventory/unused-templates.ts';
import type { MarkedDatabase } from '../../../../servers/postgres/marks/mark.ts';
import type { Mark } from '../../../../servers/postgres/types.ts';

const now = new Date('2026-03-31T12:00:00Z');
const day = 86_400_000;
const daysAgo = (days: number) => new Date(now.getTime() - days * day).toISOString();

function template(name: string, days: number, more: Partial<MarkedDatabase> = {}): MarkedDatabase {
  const mark: Mark = {
    coppice: 1,
    kind: 'template',
    app: 'shop',
    hash: name,
    stage: 'complete',
    builtAt: daysAgo(days),
    buildMilliseconds: 1,
    migrations: [],
    files: 300,
    bytes: 100,
  };
  return {
    name,
    oid: 20_000,
    mark,
    isTemplate: true,
    allowsConnections: false,
    broken: false,
    sessions: 0,
    ...more,
  };
}

function cloneOf(name: string): MarkedDatabase {
  const mark = { coppice: 1, kind: 'clone', template: name } as Mark;
  return { ...template('wt_shop__main', 0), mark };
}

const roomy = { total: 1000, used: 100, free: 900 };
const names = (databases: readonly MarkedDatabase[], disk = roomy, freeBytes?: number) =>
  unusedTemplates({ databases, disk }, now, {
    maxAge: 14 * day,
    ...(freeBytes === undefined ? {} : { freeBytes }),
  }).map(({ database }) => database);

test('a template is removed when it is old and has no clone, the oldest first', () => {
  expect(names([template('a', 15), template('b', 13), template('c', 30)])).toEqual(['c', 'a']);
});

test('a template with a clone stays, however old', () => {
  expect(names([template('a', 300), cloneOf('a')])).toEqual([]);
});

test('the last use of a template counts, not its age', () => {
  const used = template('a', 300);
  if (used.mark?.kind !== 'template') throw new Error('it is a template');
  const lately: MarkedDatabase = { ...used, mark: { ...used.mark, usedAt: daysAgo(13) } };
  const before: MarkedDatabase = { ...used, mark: { ...used.mark, usedAt: daysAgo(15) } };
  expect(names([lately])).toEqual([]);
  expect(names([before])).toEqual(['a']);
});

test('a restored dump stays as long as a template that was created from it', () => {
  const made = template('tpl', 300);
  if (made.mark?.kind !== 'template') throw new Error('it is a template');
  const ofDump: MarkedDatabase = { ...made, mark: { ...made.mark, source: 'src' } };
  expect(names([template('src', 300), ofDump, cloneOf('tpl')])).toEqual([]);
  expect(names([template('src', 300)])).toEqual(['src']);
});

test('a template with a session stays', () => {
  expect(names([template('a', 300, { sessions: 1 })])).toEqual([]);
});

test('when the disk is full the oldest unused ones are removed until there is room', () => {
  const databases = [template('a', 1), template('b', 3), template('c', 2), template('d', 5), cloneOf('d')];
  const short = { total: 1000, used: 850, free: 150 };
  expect(names(databases, short, 300)).toEqual(['b', 'c']);
  expect(names(databases, short, 150)).toEqual([]);
});

test('nothing is removed for lack of room when the free space is unknown', () => {
  expect(
    unusedTemplates({ databases: [template('a', 1)], disk: undefined }, now, {
      maxAge: day * 2,
      freeBytes: 1e12,
    }),
  ).toEqual([]);
});

test('a database that is not a template is not touched', () => {
  expect(names([{ ...template('wt_shop__main', 300), mark: undefined }])).toEqual([]);
});
