import { lstat, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { isThere, unlessAbsent } from '../../../core/files.ts';
import { filesNamed } from '../../../git/files.ts';

/** The file that Claude Code, worktrunk and others read too. */
const includeFile = '.worktreeinclude';

/** Which ignored files are carried: patterns in the syntax of .gitignore, relative to the top of the repository. */
export interface CarryPatterns {
  /** Absolute path of a file with some of them. */
  readonly file?: string;
  /** Those of `carry:` in every coppice.yaml; they win over those of the file. */
  readonly more: readonly string[];
  /** Files with mistakes in them, whose `carry:` is unknown; relative to the top. */
  readonly broken?: readonly string[];
}

/** Those of the worktree that files are carried from, committed or not; else those of the new one. */
export async function carryPatterns(from: string, to: string): Promise<CarryPatterns> {
  const file = (await fileIn(from)) ?? (await fileIn(to));
  const [specs, others] = await Promise.all([specPatterns(from), specPatterns(to)]);
  const chosen = specs.more.length + specs.broken.length > 0 ? specs : others;
  return file === undefined ? chosen : { file, ...chosen };
}

/** Git would wait for a pipe of that name. */
async function fileIn(worktree: string): Promise<string | undefined> {
  const file = join(worktree, includeFile);
  return (await unlessAbsent(stat(file)))?.isFile() ? file : undefined;
}

async function specPatterns(worktree: string): Promise<{ more: string[]; broken: string[] }> {
  const found: { more: string[]; broken: string[] } = { more: [], broken: [] };
  for (const file of await filesNamed(worktree, 'coppice.yaml')) {
    const patterns = await patternsOf(worktree, file);
    if (patterns === undefined) found.broken.push(file);
    else found.more.push(...patterns);
  }
  return found;
}

/** Undefined when the file has mistakes: `wt up` names them. */
async function patternsOf(worktree: string, file: string): Promise<string[] | undefined> {
  const path = join(worktree, file);
  const text = (await unlessAbsent(lstat(path)))?.isFile() ? await readFile(path, 'utf8') : '';
  // Most have none, and the schema takes a while to load.
  if (!/\bcarry\b/.test(text)) return [];
  const { loadSpec } = await import('../../../config/spec/load.ts');
  try {
    const { spec } = await loadSpec(path);
    return (spec.carry ?? []).map((pattern) => patternBelow(dirname(file), pattern));
  } catch (error) {
    if (error instanceof CoppiceError) return undefined;
    throw error;
  }
}

/**
 * A pattern relative to a folder, as one relative to the top: `.env` of `apps/web` is `/apps/web/**` + `/.env`.
 *
 * @internal Exported for its test.
 */
export function patternBelow(folder: string, pattern: string): string {
  if (folder === '.' || pattern === '' || pattern.startsWith('#')) return pattern;
  const [, not = '', path = ''] = /^(!?)(.*)$/s.exec(pattern) ?? [];
  const anchored = path.replace(/\/$/, '').includes('/');
  const place = folder.replace(/[\\*?[\]]/g, '\\$&');
  return `${not}/${place}/${anchored ? path.replace(/^\//, '') : `**/${path}`}`;
}

export const hasPatterns = ({ file, more }: CarryPatterns) => file !== undefined || more.length > 0;

/** A text of all patterns, to see whether one names a folder. */
export async function textOf({ file, more }: CarryPatterns): Promise<string> {
  const text = file === undefined || !(await isThere(file)) ? '' : await readFile(file, 'utf8');
  return [text, ...more].join('\n');
}
