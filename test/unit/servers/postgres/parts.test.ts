import { expect, test } from 'vitest';
import { parseMark } from '../../../../servers/postgres/marks/mark.ts';
import {
  buildName,
  lockKey,
  snapshotName,
  sourceName,
  templateName,
} from '../../../../servers/postgres/marks/private-names.ts';
import { changedMigrations, compareMigrations } from '../../../../servers/postgres/migrations/migrations.ts';
import { scramVerifier } from '../../../../servers/postgres/roles/scram.ts';

const file = (path: string, sha256: string) => ({ path, sha256 });

test('the names of the longest app fit into 63 bytes, and differ by the hash at their end', () => {
  const app = 'order-worker-of-shop';
  const hash = '0123456789abcdef';
  const names = [templateName(app, hash), sourceName(app, hash), buildName(app, hash), snapshotName()];
  expect(names[0]).toBe('tpl_order_worker_of_shop__0123456789abcdef');
  expect(new Set(names.map((name) => name.slice(0, 63))).size).toBe(4);
  expect(names.every((name) => name.length <= 63)).toBe(true);
});

test('a lock key is a signed 64-bit number, different for every name', () => {
  expect(BigInt.asIntN(64, BigInt(lockKey('a')))).toBe(BigInt(lockKey('a')));
  expect(lockKey('a')).not.toBe(lockKey('b'));
});

test('a comment that is not ours is no mark', () => {
  const mark = '{"coppice":1,"kind":"building","app":"shop","hash":"1","startedAt":"now"}';
  expect(parseMark(mark)).toMatchObject({ kind: 'building' });
  for (const comment of [undefined, '', 'my database', '{', '{}', '{"coppice":2,"kind":"building"}']) {
    expect(parseMark(comment)).toBeUndefined();
  }
});

test('migrations are compared by path and content', () => {
  const applied = [file('1.sql', 'a'), file('2.sql', 'b')];
  expect(compareMigrations(applied, applied)).toEqual({ added: [], again: [], edited: [], removed: [] });
  const wanted = [file('1.sql', 'changed'), file('3.sql', 'c')];
  const change = compareMigrations(applied, wanted);
  expect(change).toEqual({ added: ['3.sql'], again: [], edited: ['1.sql'], removed: ['2.sql'] });
  expect(changedMigrations('db', change)?.message).toMatch(/edited: 1\.sql\n {2}removed: 2\.sql/);
  expect(changedMigrations('db', { added: ['3.sql'], again: [], edited: [], removed: [] })).toBeUndefined();
});

// RFC 7677 section 3: the exchange for user "user" with password "pencil", this salt and 4096 iterations.
test('the verifier of a password equals the one in RFC 7677', () => {
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
  expect(verifier).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$' +
      'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});
