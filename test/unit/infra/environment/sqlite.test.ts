import { describe, expect, test } from 'vitest';
import { sqliteInputs } from '../../../../resources/sqlite-database/inputs.ts';
import { identity } from '../../../golden/plans.ts';

const database = { engine: 'sqlite', file: 'data/dev.db' } as const;
const args = (specFolder: string, changes: Partial<typeof identity> = {}) =>
  sqliteInputs({ specFolder, identity: { ...identity, ...changes } }, database);

describe('the SQLite file of a worktree', () => {
  test('is copied from the same path in the main worktree', () => {
    expect(args('/src/shop-feat-login')).toEqual({
      file: '/src/shop-feat-login/data/dev.db',
      source: '/src/shop/data/dev.db',
      uid: 1000,
      gid: 1000,
    });
  });

  test('is copied from the folder of the same app where the repository has several', () => {
    expect(args('/src/shop-feat-login/apps/web').source).toBe('/src/shop/apps/web/data/dev.db');
  });

  test('is its own source in the main worktree', () => {
    const { file, source } = args('/src/shop', { worktree: '/src/shop' });
    expect(source).toBe(file);
  });

  test('has no source in a bare repository, which has no main worktree', () => {
    expect(args('/src/shop-feat-login', { repository: '/src/shop.git' })).not.toHaveProperty('source');
  });
});
