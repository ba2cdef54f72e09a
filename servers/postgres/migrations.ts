/** The migrations of a database beside those of a worktree. */

export { type MigrationConflict, migrationConflicts } from './migrations/conflicts.ts';
export { compareMigrations } from './migrations/migrations.ts';
