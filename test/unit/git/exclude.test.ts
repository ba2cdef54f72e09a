import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { excludeFromGit } from '../../../git/exclude.ts';
import { makeRepository, type TestRepository } from './repository.ts';

const pattern = 'Pulumi.*.yaml';
let repository: TestRepository;
let common: string;
let file: string;
beforeEach(() => {
  repository = makeRepository();
  common = join(repository.top, '.git');
  file = join(common, 'info', 'exclude');
});
afterEach(() => repository.remove());

test('git ignores the pattern afterwards, in every worktree', async () => {
  repository.commit('a');
  const linked = join(repository.folder, 'b');
  repository.git('worktree', 'add', '-q', linked, '-b', 'b');
  expect(await excludeFromGit(common, pattern)).toBe(true);
  for (const folder of [repository.top, linked]) {
    writeFileSync(join(folder, 'Pulumi.main.yaml'), 'config: {}\n');
    writeFileSync(join(folder, 'Pulumi.yaml'), 'name: shop\n');
    expect(repository.gitIn(folder, 'status', '--porcelain')).toBe('?? Pulumi.yaml');
  }
});

test('the second time changes nothing', async () => {
  await excludeFromGit(common, pattern);
  const { mtimeNs } = statSync(file, { bigint: true });
  expect(await excludeFromGit(common, pattern)).toBe(false);
  expect(statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs);
});

test.each([
  ['without a line end', '*.log', `*.log\n${pattern}\n`],
  ['with comments', '# mine\n*.log\n', `# mine\n*.log\n${pattern}\n`],
  ['that is empty', '', `${pattern}\n`],
  ['with a longer pattern', `x${pattern}\n`, `x${pattern}\n${pattern}\n`],
])('a file %s keeps its lines', async (_what, before, after) => {
  writeFileSync(file, before);
  await excludeFromGit(common, pattern);
  expect(readFileSync(file, 'utf8')).toBe(after);
});

test('a file with Windows line ends is understood', async () => {
  writeFileSync(file, `${pattern}\r\n`);
  expect(await excludeFromGit(common, pattern)).toBe(false);
});

test('a repository without info gets one', async () => {
  rmSync(join(common, 'info'), { recursive: true });
  await excludeFromGit(common, pattern);
  expect(readFileSync(file, 'utf8')).toBe(`${pattern}\n`);
});

test('many at once add one line, and leave no other file behind', async () => {
  writeFileSync(file, '*.log\n');
  await Promise.all(Array.from({ length: 20 }, () => excludeFromGit(common, pattern)));
  expect(readFileSync(file, 'utf8')).toBe(`*.log\n${pattern}\n`);
  expect(readdirSync(join(common, 'info'))).toEqual(['exclude']);
});

test('the file keeps its mode', async () => {
  writeFileSync(file, '');
  chmodSync(file, 0o640);
  await excludeFromGit(common, pattern);
  expect(statSync(file).mode & 0o777).toBe(0o640);
});

test.skipIf(process.getuid?.() !== 0)(
  'files that root writes belong to the owner of the repository (needs root)',
  async () => {
    rmSync(join(common, 'info'), { recursive: true });
    chownSync(common, 12345, 12345);
    await excludeFromGit(common, pattern);
    expect(existsSync(file)).toBe(true);
    for (const path of [file, join(common, 'info')]) expect(statSync(path).uid).toBe(12345);
  },
);
