import { expect } from 'vitest';
import {
  reservedAttributes,
  type SearchAttributeType,
  searchAttributeRoom,
  searchAttributeTypes,
} from '../../../config/spec/search-attributes.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { signal, temporal, test } from './fixture.ts';
import { testRequest } from './harness.ts';

/** What the spec refuses up front is what this version of the server refuses, and also names of columns. */

const ensure = (environment: string, searchAttributes: Record<string, SearchAttributeType>) =>
  ensureNamespace(temporal, testRequest(environment, { searchAttributes }), signal);
const some = (count: number, type: SearchAttributeType) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${type}Of${index}`, type]));

test('the limits that the spec knows can all be used in one namespace', async () => {
  const all = Object.assign({}, ...searchAttributeTypes.map((type) => some(searchAttributeRoom[type], type)));
  expect((await ensure('full', all)).created).toBe(true);
});

test.each(searchAttributeTypes)('one more attribute of type %s is refused', async (type) => {
  const words = /cannot have more than \d+ search attribute of type/;
  await expect(
    ensure(`more-${type.toLowerCase()}`, some(searchAttributeRoom[type] + 1, type)),
  ).rejects.toThrow(words);
});

test.each([...reservedAttributes, 'TemporalOfOurs'])('%s is a reserved name', async (name) => {
  await expect(ensure('reserved', { [name]: 'Keyword' })).rejects.toThrow(name);
});

test('a name may have 64 characters, and be the name of a type', async () => {
  const names = { ['A'.repeat(64)]: 'Int', Keyword: 'Keyword', Text1: 'Text' } as const;
  expect((await ensure('long', names)).created).toBe(true);
});

test.each([
  ['1h', 3600],
  ['3650d', 3650 * 86_400],
])('a retention of %s is accepted', async (written, retentionSeconds) => {
  const request = testRequest(`kept-${written}`, { retentionSeconds });
  expect((await ensureNamespace(temporal, request, signal)).created).toBe(true);
});

test('a shorter one is refused', async () => {
  const request = testRequest('short', { retentionSeconds: 3599 });
  await expect(ensureNamespace(temporal, request, signal)).rejects.toThrow(/retention/i);
});
