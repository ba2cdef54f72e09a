import { posix } from 'node:path';
import type { MigrationToolName } from './tool-table.ts';

/** What a migration says about others; absent when it says nothing. */
export interface MigrationLinks {
  /** Alembic: the revision that it follows. A merge follows several and is no rival of anything. */
  readonly follows?: string;
  /** Django: paths of the migrations that it was squashed from. */
  readonly replaces?: readonly string[];
}

/** Whether this tool's files say it. */
export function hasLinks(tool: MigrationToolName | undefined): boolean {
  return tool === 'alembic' || tool === 'django';
}

export function linksOf(tool: MigrationToolName | undefined, path: string, text: string): MigrationLinks {
  if (tool === 'alembic') {
    const follows = /^down_revision\s*(?::[^=]+)?=\s*['"]([^'"]+)['"]/m.exec(text)?.[1];
    return follows === undefined ? {} : { follows };
  }
  if (tool !== 'django') return {};
  const list = /^\s+replaces\s*(?::[^=]+)?=\s*\[([\s\S]*?)\]/m.exec(text)?.[1] ?? '';
  const names = [...list.matchAll(/['"][^'"]+['"]\s*,\s*['"]([^'"]+)['"]/g)].flatMap(
    ([, name]) => name ?? [],
  );
  return names.length === 0
    ? {}
    : { replaces: names.map((name) => posix.join(posix.dirname(path), `${name}.py`)) };
}
