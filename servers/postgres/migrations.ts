/** Comparing the migrations of a database with those of a worktree. */

export { type MigrationConflict, migrationConflicts } from './migrations/conflicts.ts';
export { compareMigrations, type MigrationRules } from './migrations/migrations.ts';
