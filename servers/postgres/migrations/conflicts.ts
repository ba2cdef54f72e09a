import { posix } from 'node:path';
import type { FileDigest } from '../../../config/plan/environment-plan.ts';

/** The migrations applied to the database of one environment. */
export interface AppliedMigrations {
  readonly app: string;
  readonly environment: string;
  readonly migrations: readonly FileDigest[];
}

/** One version of a migration, and the environments that have it. */
export interface MigrationVersion extends FileDigest {
  readonly environments: readonly string[];
}

/**
 * Two branches that cannot both be merged as they are. `content`: the same file with different content.
 * `number`: different files with the same number, neither of them in both branches.
 */
export interface MigrationConflict {
  readonly app: string;
  readonly kind: 'content' | 'number';
  /** The path, or folder and number: `db/migrations/0007`. */
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
      ...numberConflicts(versions).map((found) => ({ kind: 'number' as const, ...found })),
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

function numberConflicts(versions: readonly MigrationVersion[]): Found[] {
  return [...grouped(versions, numberOf)].flatMap(([what, ofNumber]) => {
    if (what === undefined) return [];
    const rivals = ofNumber.filter((one) => ofNumber.some((other) => areRivals(one, other)));
    return rivals.length === 0 ? [] : [{ what, versions: rivals }];
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

/** `0007_add_price.sql` and `V7__add_price.sql` are both 7. */
function numberOf({ path }: FileDigest): string | undefined {
  const number = /^[vV]?0*(\d+)/.exec(posix.basename(path))?.[1];
  return number === undefined ? undefined : posix.join(posix.dirname(path), number);
}

function versionsIn(clones: readonly AppliedMigrations[]): Iterable<MigrationVersion> {
  const versions = new Map<string, MigrationVersion>();
  for (const { environment, migrations } of clones) {
    for (const { path, sha256 } of migrations) {
      const environments = versions.get(`${sha256} ${path}`)?.environments ?? [];
      versions.set(`${sha256} ${path}`, { path, sha256, environments: [...environments, environment] });
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
