import { expect, test } from 'vitest';
import {
  chooseStrategy,
  keepsSnapshots,
  type ServerFacts,
} from '../../../../servers/postgres/clones/strategy.ts';

const xfs: ServerFacts = { major: 18, superuser: true, reflink: true, fileSystem: 'xfs', fsync: 0.09 };
const ext4: ServerFacts = { ...xfs, reflink: false, fileSystem: 'ext4' };
const managed: ServerFacts = { ...ext4, superuser: false, fileSystem: undefined };

/** Databases of the measurements to which the table was fitted. */
const empty = { files: 300, bytes: 7.4e6 };
const manyTables = { files: 2704, bytes: 38e6 };
const middle = { files: 313, bytes: 157e6 };
const big = { files: 314, bytes: 1.5e9 };

const strategyOf = (...[server, source]: Parameters<typeof chooseStrategy>) =>
  chooseStrategy(server, source).strategy;

test('a file system that shares blocks clones', () => {
  expect([empty, middle, big].map((source) => strategyOf(xfs, source))).toEqual(['clone', 'clone', 'clone']);
});

test('thousands of tiny files are copied through the WAL, as each file would cost an fsync', () => {
  expect(strategyOf(xfs, { ...manyTables, bytes: 20e6 })).toBe('wal_log');
  expect(strategyOf({ ...xfs, fsync: 0.5 }, manyTables)).toBe('wal_log');
  expect(strategyOf({ ...xfs, fsync: 0 }, manyTables)).toBe('clone');
});

test('without shared blocks big databases are copied as files and small ones through the WAL', () => {
  expect([empty, manyTables, middle, big].map((source) => strategyOf(ext4, source))).toEqual([
    ...['wal_log', 'wal_log', 'copy', 'copy'],
  ]);
});

test('a managed server, or one before 18, never clones', () => {
  expect(strategyOf(managed, big)).toBe('wal_log');
  expect(strategyOf({ ...xfs, superuser: false }, big)).toBe('wal_log');
  expect(strategyOf({ ...xfs, major: 17 }, big)).toBe('copy');
  expect(strategyOf({ ...ext4, major: 14 }, big)).toBe('wal_log');
});

test('the expected time is close to the measured one', () => {
  expect(chooseStrategy(xfs, big).expectedMilliseconds).toBeGreaterThan(40);
  expect(chooseStrategy(xfs, big).expectedMilliseconds).toBeLessThan(80);
  expect(chooseStrategy(ext4, middle).expectedMilliseconds).toBeLessThan(200);
});

test('a dropped database is kept only where that costs no disk', () => {
  expect([xfs, ext4, managed].map(keepsSnapshots)).toEqual([true, false, false]);
});
