import { expect, test } from 'vitest';
import { answerOf, type LogsQuestion } from '../../../../app/environments/ask-logs.ts';
import { noLines, storeOf } from '../../servers/telemetry/log-store.ts';

const name = { app: 'shop', slug: 'main', namespace: 'wt-shop--main' } as const;
const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
const question: LogsQuestion = { target: {}, words: [], all: false };
const { signal } = new AbortController();

/** An environment that is five hours old. */
const there = { created: hours(5), services: ['api'] };

test('a quiet environment has no line now, and those of its whole life are counted', async () => {
  const quiet = { asker: storeOf([hours(3)]), name, there, signal };
  expect(await answerOf(question, quiet)).toMatchObject({
    kind: 'groups',
    totals: { total: 0 },
    kept: { from: there.created, totals: { total: 1 } },
  });
  expect(await answerOf({ ...question, lines: { most: 9, context: 0 } }, quiet)).toMatchObject({
    kind: 'lines',
    kept: { totals: { total: 1 } },
  });
});

test('the pods are asked only where the store has nothing since the environment was created', async () => {
  for (const asker of [noLines, storeOf([hours(30)])])
    expect(await answerOf(question, { asker, name, there, signal })).toEqual({
      kind: 'none',
      why: 'the log store has no lines of shop/main',
    });
});

test('an environment that is gone has all that is kept, and none of its lines may be', async () => {
  const gone = { asker: storeOf([hours(100)]), name, there: undefined, signal };
  for (const asked of [question, { ...question, since: '1h' }, { ...question, since: '1h', words: ['api'] }])
    expect(await answerOf(asked, gone)).toMatchObject({ kind: 'groups', gone: true });
  expect(await answerOf({ ...question, since: '1h' }, gone)).toMatchObject({
    totals: { total: 0 },
    kept: { totals: { total: 1 } },
  });
  expect(await answerOf({ ...question, since: '1h' }, { ...gone, asker: noLines })).toMatchObject({
    kind: 'groups',
    gone: true,
    totals: { total: 0 },
  });
});

test('says when the environment was created, where a person asked for more', async () => {
  const asker = storeOf([hours(1)]);
  const answer = await answerOf({ ...question, since: '1d' }, { asker, name, there, signal });
  expect(answer).toMatchObject({ began: there.created });
  expect(await answerOf({ ...question, since: '2h' }, { asker, name, there, signal })).not.toHaveProperty(
    'began',
  );
});
