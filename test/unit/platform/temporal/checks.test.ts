import { describe, expect, test } from 'vitest';
import { namespaceChecks } from '../../../../platform/temporal/checks.ts';
import type { NamespaceLeftovers } from '../../../../platform/temporal/leftovers.ts';
import type { Inventory } from '../../../../servers/temporal/namespaces/inventory.ts';

const now = Date.parse('2026-01-05T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

const namespace = (environment: string): Inventory['namespaces'][number] => ({
  name: `wt-shop--${environment}`,
  id: environment,
  mark: {
    app: 'shop',
    environment,
    branch: environment,
    repository: '/src/shop/.git',
    worktree: '/src/shop',
    created: minutesAgo(60),
    attempt: 'a',
  },
});

const leftovers = (changes: Partial<NamespaceLeftovers> = {}): NamespaceLeftovers => ({
  found: { namespaces: [namespace('main')], deleting: [] },
  known: true,
  namespaces: [],
  ...changes,
});

describe('the doctor', () => {
  test('reports no fault on a server without leftovers', () => {
    expect(namespaceChecks(leftovers(), now)).toEqual([
      { name: 'namespaces', ok: true, detail: '1 environment' },
    ]);
  });

  test('reports the namespace of a deleted environment as a fault, with the command that removes it', () => {
    const gone = { ...namespace('old'), why: 'there is no environment shop/old' };
    const found = { namespaces: [namespace('main'), namespace('old')], deleting: [] };
    expect(namespaceChecks(leftovers({ found, namespaces: [gone] }), now)).toEqual([
      { name: 'namespaces', ok: true, detail: '1 environment' },
      {
        name: 'leftover',
        ok: false,
        fix: 'wt doctor --fix',
        detail: 'Temporal namespace wt-shop--old: there is no environment shop/old',
      },
    ]);
  });

  const deleting = (deletedAt?: string): NamespaceLeftovers => {
    const one = { name: 'wt-shop--old-deleted-ab', id: 'ab', ...(deletedAt && { deletedAt }) };
    return leftovers({ found: { namespaces: [], deleting: [one] } });
  };

  test('lists what Temporal itself is removing, with its age, and reports a fault after an hour', () => {
    expect(namespaceChecks(deleting(minutesAgo(5)), now).at(-1)).toMatchObject({
      name: 'being removed',
      ok: true,
      detail: 'wt-shop--old-deleted-ab: Temporal itself removes it, for 5 min',
    });
    expect(namespaceChecks(deleting(minutesAgo(61)), now).at(-1)).toMatchObject({ ok: false });
    expect(namespaceChecks(deleting(), now).at(-1)).toMatchObject({
      ok: true,
      detail: 'wt-shop--old-deleted-ab: Temporal itself removes it',
    });
  });

  test('reports that the environments could not be listed', () => {
    const details = namespaceChecks(leftovers({ known: false }), now).map(({ detail }) => detail);
    expect(details.join('\n')).toContain('could not be asked');
  });
});
