import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { linesWithin, tokensIn } from '../../../../core/text/tokens.ts';

test.each([
  ['a row of traces', '4bf92f35  01:52:11  412 ms  23     2    api POST /orders/:id'],
  ['ids', '4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 0af7651916cd43dd8448eb211c80319c'],
  ['an error', 'ECONNREFUSED: connect 10.42.0.17:5432 relation "orders" does not exist (42P01)'],
  ['SQL', 'INSERT INTO "orders" ("id", "customer_id", "total") VALUES ($1, $2, $3) RETURNING *'],
  ['a stack', 'at Object.<anonymous> (/app/node_modules/express/lib/router/layer.js:95:5)'],
  ['base64', 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N'],
  ['other scripts', '注文の作成に失敗しました Заказ не создан 🚨🚨🚨 Ωμέγα naïve façade'],
  ['rules of a table', '──────── ======== ~~~~~~ ______ ........ ++++++++ |||||'],
  ['figures', '0.001 12,345,678 99.99% 1.5 GB 2026-11-30T17:41:16.123Z'],
])('%s have no more tokens than estimated, and not less than a third', (_, text) => {
  expect(tokensIn(text)).toBeGreaterThanOrEqual(countTokens(text));
  expect(tokensIn(text)).toBeLessThanOrEqual(3 * countTokens(text) + 40);
});

test('random words, ids and signs have no more tokens than estimated, over a few lines', () => {
  const piece = fc.oneof(
    fc.constantFrom('api', 'POST', 'orders', 'chargeCard', 'SELECT', 'does', 'not', 'exist', 'timeout', 'x'),
    fc.stringMatching(/^[0-9a-f]{8}$/),
    fc.stringMatching(/^[0-9]{1,9}$/),
    fc.string({ maxLength: 6, unit: 'grapheme' }),
    fc.constantFrom('  ', '\n', '/', ':', '{"a":', '->', 'ms'),
  );
  const text = fc.array(piece, { minLength: 30, maxLength: 60 }).map((pieces) => pieces.join(' '));
  fc.assert(
    fc.property(text, (given) => {
      expect(tokensIn(given)).toBeGreaterThanOrEqual(countTokens(given));
    }),
    // An estimate is no proof: always the same texts.
    { seed: 14, numRuns: 300 },
  );
});

test('as many lines fit as the tokens allow', () => {
  const lines = ['one two', 'three four', 'five six'];
  expect(linesWithin(lines, 1000)).toBe(3);
  expect(linesWithin(lines, 0)).toBe(0);
  expect(linesWithin(lines, tokensIn('one two') + 1)).toBe(1);
});
