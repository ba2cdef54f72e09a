import type { FileDigest, MigrationFile } from '../../../config/plan/environment-plan.ts';
import { compareVersions, placeOfMigration } from '../../../config/spec/migrations/sequence.ts';
import type { MigrationToolName } from '../../../config/spec/migrations/tool-table.ts';
import { migrationKind } from '../../../config/spec/migrations/tools.ts';
import { CoppiceError } from '../../../core/errors.ts';

/** How the wanted migrations differ from the applied ones. */
export interface MigrationChange {
  readonly added: readonly string[];
  /** Repeatable ones with another content: they run again. */
  readonly again: readonly string[];
  readonly edited: readonly string[];
  readonly removed: readonly string[];
}

/** What tells a migration from other files, where it is no longer in the folder. */
export interface MigrationRules {
  readonly tool?: MigrationToolName;
  /** Paths that are known to be no migrations. */
  readonly ignored?: readonly string[];
}

export function compareMigrations(
  applied: readonly MigrationFile[],
  wanted: readonly MigrationFile[],
  rules: MigrationRules = {},
): MigrationChange {
  const before = new Map(applied.map(({ path, sha256 }) => [path, sha256]));
  const after = new Map(wanted.map((file) => [file.path, file]));
  const differing = wanted.filter(({ path, sha256 }) => (before.get(path) ?? sha256) !== sha256);
  return {
    added: wanted.map(({ path }) => path).filter((path) => !before.has(path)),
    again: differing.filter(isRepeatable).map(({ path }) => path),
    edited: differing.filter((file) => !isRepeatable(file)).map(({ path }) => path),
    removed: applied
      .filter((file) => !after.has(file.path) && ranOnce(file, rules) && !isSquashed(file, wanted))
      .map(({ path }) => path),
  };
}

/** Whether there is something that the migrate command has to run. */
export function hasMigrationsToRun({ added, again }: MigrationChange): boolean {
  return added.length + again.length > 0;
}

export function isRepeatable({ kind }: MigrationFile): boolean {
  return kind === 'repeatable';
}

/** Records of an older coppice hold every file that `inputs` matched. */
function ranOnce(file: MigrationFile, { tool, ignored = [] }: MigrationRules): boolean {
  return !isRepeatable(file) && !ignored.includes(file.path) && migrationKind(tool, file.path) === 'forward';
}

/** Whether one of the wanted migrations stands for it: Django's `replaces`, Flyway's baselines. */
function isSquashed({ path }: FileDigest, wanted: readonly MigrationFile[]): boolean {
  const place = placeOfMigration(path);
  return wanted.some((file) => {
    if (file.replaces?.includes(path)) return true;
    const baseline = placeOfMigration(file.path);
    if (!baseline?.baseline || place === undefined || place.folder !== '') return false;
    return compareVersions(place.version, baseline.version) <= 0;
  });
}

/**
 * COPPICE_MIGRATIONS_CHANGED with the paths, or undefined: a migration that was applied cannot be applied in
 * another form.
 */
export function changedMigrations(
  database: string,
  change: MigrationChange,
  { tool }: MigrationRules = {},
): CoppiceError | undefined {
  const { edited, removed } = change;
  if (edited.length + removed.length === 0) return undefined;
  const lines = [
    ...edited.map((path) => `  edited: ${path}`),
    ...removed.map((path) => `  removed: ${path}`),
  ];
  // A numbered file is a migration whoever runs it; of another one only its author knows what it is.
  const unsure = tool === undefined ? edited.filter((path) => placeOfMigration(path) === undefined) : [];
  const other =
    unsure.length === 0
      ? ''
      : `; a file that runs again or that the command writes belongs to \`repeatable:\` or \`generated:\` of database.migrate, which keeps the rows`;
  return new CoppiceError(
    'COPPICE_MIGRATIONS_CHANGED',
    [`database ${database} has migrations that changed after they ran:`, ...lines].join('\n'),
    { hint: `restore these files, or start over from the template with \`wt db reset\`${other}` },
  );
}
