import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';

/** The digest that `build.mjs` leaves in dist/.sources, for a copy of a part of this tree. */
function digestOfCopy(change?: (folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'coppice-sources-'));
  try {
    for (const part of ['rooms.json', 'package-lock.json', 'scripts', 'git'])
      cpSync(join(packageRoot(), part), join(folder, part), { recursive: true });
    change?.(folder);
    const script = `import('${join(folder, 'scripts/prepare.mjs')}').then((it) => console.log(it.sourcesDigest()))`;
    return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what tells programs apart is the content of their sources, not the place of the clone', () => {
  const here = digestOfCopy();
  expect(here).toMatch(/^[0-9a-f]{64}$/);
  expect(digestOfCopy()).toBe(here);
  expect(digestOfCopy((folder) => writeFileSync(join(folder, 'git/files.ts'), ''))).not.toBe(here);
});

test('an installed package has it too: it is among the files that are packed', () => {
  const { files } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  expect(files).toContain('dist');
  expect(readFileSync(join(packageRoot(), 'scripts/build.mjs'), 'utf8')).toContain(
    "writeFileSync(join(next, '.sources'), sourcesDigest())",
  );
});
