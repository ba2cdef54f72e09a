import type { FileDigest } from '../../../config/plan/environment-plan.ts';
import { CoppiceError } from '../../../core/errors.ts';

/** How the wanted migrations differ from the applied ones. */
export interface MigrationChange {
  readonly added: readonly string[];
  readonly edited: readonly string[];
  readonly removed: readonly string[];
}

export function compareMigrations(
  applied: readonly FileDigest[],
  wanted: readonly FileDigest[],
): MigrationChange {
  const before = new Map(applied.map(({ path, sha256 }) => [path, sha256]));
  const after = new Map(wanted.map(({ path, sha256 }) => [path, sha256]));
  return {
    added: wanted.map(({ path }) => path).filter((path) => !before.has(path)),
    edited: wanted
      .filter(({ path, sha256 }) => (before.get(path) ?? sha256) !== sha256)
      .map(({ path }) => path),
    removed: applied.map(({ path }) => path).filter((path) => !after.has(path)),
  };
}

/**
 * COPPICE_MIGRATIONS_CHANGED with the paths, or undefined: a migration that was applied cannot be applied in
 * another form.
 */
export function changedMigrations(database: string, change: MigrationChange): CoppiceError | undefined {
  const { edited, removed } = change;
  if (edited.length + removed.length === 0) return undefined;
  const lines = [
    ...edited.map((path) => `  edited: ${path}`),
    ...removed.map((path) => `  removed: ${path}`),
  ];
  return new CoppiceError(
    'COPPICE_MIGRATIONS_CHANGED',
    [`database ${database} has migrations that changed after they ran:`, ...lines].join('\n'),
    { hint: 'restore these files, or start over from the template with `wt db reset`' },
  );
}
