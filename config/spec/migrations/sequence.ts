import { posix } from 'node:path';

/** The place of a migration among those of its folder. */
export interface MigrationPlace {
  /** Folder and number, as two migrations that exclude each other have it: `db/migrations/7`. */
  readonly key: string;
  readonly folder: string;
  /** `[1, 2]` for Flyway's `V1.2__x.sql`, `[7]` for `0007_x.sql`. */
  readonly version: readonly bigint[];
  /** Flyway's baseline, which stands for every version up to its own. */
  readonly baseline: boolean;
}

/** Flyway counts a version once over all folders; underscores and dots separate its parts. */
const flyway = /^([VB])(\d+(?:[._]\d+)*)__/;

/** Undefined for a file without a number, such as an Alembic revision. */
export function placeOfMigration(path: string): MigrationPlace | undefined {
  const name = nameOf(path);
  const [, letter, written] = flyway.exec(posix.basename(path)) ?? [];
  if (letter !== undefined && written !== undefined) {
    const version = withoutZeros(written.split(/[._]/).map(BigInt));
    // A baseline may have the version of the migration that it ends with.
    return { key: `${letter}${version.join('.')}`, folder: '', version, baseline: letter === 'B' };
  }
  const number = /^[vV]?(\d+)/.exec(name)?.[1];
  // A revision such as 1975ea83b712 begins with digits and is no number.
  if (number === undefined || (/^[0-9a-f]{12}_/.test(name) && !/^\d{12}_/.test(name))) return undefined;
  const folder = folderOf(path);
  const version = [BigInt(number)];
  return { key: posix.join(folder, String(version[0])), folder, version, baseline: false };
}

/** Negative when `one` comes first. */
export function compareVersions(one: readonly bigint[], other: readonly bigint[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const [left, right] = [one[index] ?? 0n, other[index] ?? 0n];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** Whether `added` stands after `before`, in the order of their numbers or else of their names. */
export function isAfter(added: string, before: string): boolean {
  const [one, other] = [placeOfMigration(added), placeOfMigration(before)];
  if (one && other) {
    if (one.folder !== other.folder) return true;
    const order = compareVersions(one.version, other.version);
    return order === 0 ? added > before : order > 0;
  }
  return folderOf(added) !== folderOf(before) || nameOf(added) > nameOf(before);
}

/** Prisma, and Drizzle since 1.0, give each migration a folder of its own, whose name counts. */
function nameOf(path: string): string {
  const name = posix.basename(path);
  return name === 'migration.sql' ? posix.basename(posix.dirname(path)) : name;
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return posix.basename(path) === 'migration.sql' ? posix.dirname(folder) : folder;
}

function withoutZeros(parts: bigint[]): bigint[] {
  const last = parts.findLastIndex((part) => part !== 0n);
  return parts.slice(0, Math.max(last + 1, 1));
}
