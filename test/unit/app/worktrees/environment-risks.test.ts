import { expect, test } from 'vitest';
import { databaseRisk } from '../../../../app/worktrees/delete/environment-risks.ts';

const table = (name: string, inserted: number, updated = 0, deleted = 0) => ({
  table: name,
  inserted,
  updated,
  deleted,
});

test('a database with the rows of its template alone is no risk', () => {
  expect(databaseRisk('wt_shop__a', { kind: 'none' })).toBeUndefined();
});

test('rows of its own are named by table, with the option that gives them up', () => {
  expect(
    databaseRisk('wt_shop__a', {
      kind: 'written',
      tables: [table('orders', 12, 1, 3), table('billing.invoices', 0, 2)],
    }),
  ).toEqual({
    kind: 'data',
    flag: '--discard-data',
    what: 'the database wt_shop__a was written to since its clone',
    details: ['orders: 12 rows inserted, 1 row updated, 3 rows deleted', 'billing.invoices: 2 rows updated'],
  });
});

test('of many tables the first are named', () => {
  const tables = Array.from({ length: 11 }, (_, at) => table(`t${at}`, 1));
  expect(databaseRisk('wt_shop__a', { kind: 'written', tables })?.details.slice(7)).toEqual([
    't7: 1 row inserted',
    'and 3 more',
  ]);
});

test('a database that cannot be asked is a risk, with the reason', () => {
  const why = 'the cluster does not answer';
  expect(databaseRisk('wt_shop__a', { kind: 'unknown', why })).toMatchObject({
    flag: '--discard-data',
    what: 'the database wt_shop__a may hold rows of its own: the cluster does not answer',
  });
});
