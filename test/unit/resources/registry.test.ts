import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../core/package-root.ts';
import { contracts, handlerOf } from '../../../resources/registry.ts';

describe('the registry', () => {
  test('has each resource under the name at the end of its token', () => {
    const tokens = Object.entries(contracts).map(([name, { token }]) => [name, token]);
    expect(tokens).toEqual(Object.keys(contracts).map((name) => [name, `coppice:index:${name}`]));
  });

  test('has the words for people of each resource', () => {
    const words = Object.values(contracts).map((contract) => contract.words);
    expect(words.filter((text) => text.trim() === '')).toEqual([]);
    expect(new Set(words).size).toBe(words.length);
  });

  test.each(Object.entries(contracts))('loads the handler of %s', async (_name, { token }) => {
    const handler = await handlerOf(token)?.();
    expect(Object.keys(handler ?? {})).toEqual(
      expect.arrayContaining(['diff', 'create', 'read', 'update', 'delete']),
    );
  });

  test('has no handler for a token that is not ours', () => {
    expect(handlerOf('coppice:index:Other')).toBeUndefined();
    expect(handlerOf('kubernetes:core/v1:Secret')).toBeUndefined();
  });
});

describe('docs/architecture.md', () => {
  const text = readFileSync(join(packageRoot(), 'docs', 'architecture.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \|.*\| `(resources\/[\w-]+\/)` \|$/gm)];

  test('has a row for every resource, in the order of the registry, and for no other', () => {
    expect(rows.map(([, name]) => name)).toEqual(Object.keys(contracts));
  });

  test('names the folder that has its contract, class and handler', () => {
    const absent = rows
      .flatMap(([, , folder = '']) =>
        ['contract.ts', 'resource.ts', 'handler.ts'].map((file) => folder + file),
      )
      .filter((file) => !existsSync(join(packageRoot(), file)));
    expect(absent).toEqual([]);
  });
});
