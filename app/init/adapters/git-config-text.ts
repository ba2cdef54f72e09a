import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { git } from '../../../git/command.ts';

export interface GitConfigEntry {
  /** As git names it: `section.key`. */
  readonly key: string;
  readonly value: string;
  /** A part of a value that makes this one needless. */
  readonly unless: string;
}

/** A text in git's own format with more values; git changes it, so comments stay. Throws COPPICE_FOREIGN_FILE. */
export async function withGitConfig(text: string, entries: readonly GitConfigEntry[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'coppice-init-'));
  const file = join(folder, 'config');
  try {
    await writeFile(file, text);
    for (const { key, value, unless } of entries) {
      const now = await git(folder, 'config', '--file', file, '--get-all', key);
      if (now.stdout.includes(unless)) continue;
      const added = await git(folder, 'config', '--file', file, '--add', key, value);
      if (added.code !== 0)
        throw new CoppiceError('COPPICE_FOREIGN_FILE', `git cannot read the file: ${added.stderr.trim()}`, {
          hint: 'correct it, then run this again; nothing was written',
        });
    }
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
