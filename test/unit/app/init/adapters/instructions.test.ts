import { expect, test } from 'vitest';
import { instructions, mostTokens } from '../../../../../app/init/adapters/instructions.ts';
import { verbs } from '../../../../../cli/verbs/index.ts';

/** More than tokenizers count: each word and each run of signs, where a common word with the space before it is one. */
const tokensOf = (text: string) => text.match(/[a-z]+|\d+|[^\sa-z\d]+/gi)?.length ?? 0;

test.each(['wt', 'coppice'] as const)('what agents read in every session is short, with %s', (command) => {
  expect(tokensOf(instructions(command))).toBeLessThanOrEqual(mostTokens);
});

test('and names verbs that exist', () => {
  const known = verbs.map(({ usage }) => usage.split(' ')[0]);
  const named = [...instructions('wt').matchAll(/`wt ([a-z]+)/g)].map(([, verb]) => verb);
  expect(named.filter((verb) => !known.includes(verb ?? ''))).toEqual([]);
});
