import type { FileDigest, MigrationFile } from '../../../config/plan/environment-plan.ts';
import { placeOfMigration } from '../../../config/spec/migrations/sequence.ts';
import { defined } from '../../../core/defined.ts';
import { isRepeatable } from './migrations.ts';

/** The migrations applied to the database of one environment. */
export interface AppliedMigrations {
  readonly app: string;
  readonly environment: string;
  readonly migrations: readonly MigrationFile[];
}

/** One version of a migration, and the environments that have it. */
export interface MigrationVersion extends FileDigest, Pick<MigrationFile, 'follows'> {
  readonly environments: readonly string[];
}

/**
 * Two branches that cannot both be merged as they are. `content`: the same file with different content.
 * `number`: different files with the same number, neither of them in both branches. `parent`: different files that
 * follow the same one, as Alembic's heads do.
 */
export interface MigrationConflict {
  readonly app: string;
  readonly kind: 'content' | 'number' | 'parent';
  /** The path, folder and number (`db/migrations/7`), or the revision that both follow. */
  readonly what: string;
  readonly versions: readonly MigrationVersion[];
}

/**
 * Conflicts between the clones of one app. Files that all clones share are never in conflict, even if they
 * share a number.
 */
export function migrationConflicts(clones: readonly AppliedMigrations[]): MigrationConflict[] {
  return [...grouped(clones, ({ app }) => app)].flatMap(([app, ofApp]) => {
    const versions = [...versionsIn(ofApp)].filter(({ environments }) => environments.length < ofApp.length);
    const conflicts = [
      ...contentConflicts(versions).map((found) => ({ kind: 'content' as const, ...found })),
      ...rivals(versions, ({ path }) => placeOfMigration(path)?.key).map((found) => ({
        kind: 'number' as const,
        ...found,
      })),
      ...rivals(versions, ({ follows }) => follows).map((found) => ({ kind: 'parent' as const, ...found })),
    ];
    return conflicts.map((conflict) => ({ app, ...conflict }));
  });
}

type Found = Pick<MigrationConflict, 'what' | 'versions'>;

function contentConflicts(versions: readonly MigrationVersion[]): Found[] {
  return [...grouped(versions, ({ path }) => path)]
    .filter(([, ofPath]) => ofPath.length > 1)
    .map(([what, ofPath]) => ({ what, versions: ofPath }));
}

function rivals(
  versions: readonly MigrationVersion[],
  placeOf: (version: MigrationVersion) => string | undefined,
): Found[] {
  return [...grouped(versions, placeOf)].flatMap(([what, ofPlace]) => {
    if (what === undefined) return [];
    const found = ofPlace.filter((one) => ofPlace.some((other) => areRivals(one, other)));
    return found.length === 0 ? [] : [{ what, versions: found }];
  });
}

/** An up and a down file of one number belong together: every environment has both or neither. */
function areRivals(one: MigrationVersion, other: MigrationVersion): boolean {
  return (
    one.path !== other.path &&
    one.sha256 !== other.sha256 &&
    one.environments.some((environment) => !other.environments.includes(environment)) &&
    other.environments.some((environment) => !one.environments.includes(environment))
  );
}

function versionsIn(clones: readonly AppliedMigrations[]): Iterable<MigrationVersion> {
  const versions = new Map<string, MigrationVersion>();
  for (const { environment, migrations } of clones) {
    // Git itself merges a file that is meant to be edited.
    for (const { path, sha256, follows } of migrations.filter((file) => !isRepeatable(file))) {
      const environments = [...(versions.get(`${sha256} ${path}`)?.environments ?? []), environment];
      versions.set(`${sha256} ${path}`, { path, sha256, ...defined({ follows }), environments });
    }
  }
  return versions.values();
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
