import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptPaths, locksFolder, metaFile, stateFile } from '../../../../app/engine/backend-files.ts';
import { forgetOldUpdates } from '../../../../app/engine/history.ts';
import { stackLocks } from '../../../../app/engine/locks.ts';
import {
  allStacks,
  beginStack,
  projectsWithStack,
  readStack,
  removeStackFiles,
} from '../../../../app/engine/stack-state.ts';
import { type Paths, paths } from '../../../../core/paths.ts';
import { manifest } from '../../../../toolchain/manifest.ts';

/** Written by the engine itself, with the command that wrote it. */
const recorded = readFileSync(join(import.meta.dirname, 'recorded', 'backend-files.txt'), 'utf8');
const filesAfter = (command: string): string[] => {
  const [, section = ''] = recorded.split(`# ${command}\n`);
  return section
    .split('\n#')[0]
    ?.split('\n')
    .filter((line) => line !== '') as string[];
};
const stack = { project: 'shop', stack: 'feat-b' };
const lock = {
  pid: 23600,
  username: 'root',
  hostname: 'vm',
  timestamp: '2026-11-30T03:00:37.989406962Z',
};
const emptyState = { version: 3, checkpoint: { stack: 'organization/shop/feat-b' } };

let folder: string;
let places: Paths;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-backend-'));
  places = { ...paths(), pulumiState: folder };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes the files that a command left, with content where it is read. */
function writeFilesOf(command: string): string[] {
  const files = filesAfter(command);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), JSON.stringify(file.includes('/locks/') ? lock : emptyState));
  }
  return files;
}
const left = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((found) => found.isFile())
    .map((found) => relative(folder, join(found.parentPath, found.name)))
    .sort();

test('the names were recorded from the pinned engine', () => {
  expect(recorded).toContain(`pulumi ${manifest.programs.pulumi.version} `);
});

test('a stack is found by the files that `stack init` writes', async () => {
  writeFilesOf('pulumi stack init feat-b');
  expect(existsSync(metaFile(places))).toBe(true);
  expect(await allStacks(places)).toEqual([stack]);
  expect(await projectsWithStack('feat-b', places)).toEqual(['shop']);
  expect(await readStack(stack, places)).toEqual({ resources: [], pending: [] });
});

test('a stack that wt creates has the state file that the engine writes', async () => {
  writeFilesOf('pulumi stack init feat-b');
  rmSync(stateFile(stack, places));
  expect(await beginStack(stack, places)).toBe(true);
  expect(JSON.parse(readFileSync(stateFile(stack, places), 'utf8'))).toEqual(emptyState);
});

test('the lock of a working engine is found, and its attributes are not taken for a lock', async () => {
  writeFilesOf('pulumi up, while it runs');
  expect(await stackLocks(stack, places)).toMatchObject([{ pid: 23600, username: 'root', hostname: 'vm' }]);
});

test('only the latest updates stay in the history, complete', async () => {
  const files = writeFilesOf('pulumi up').filter((file) => file.includes('/history/'));
  expect(files).toHaveLength(4);
  const at = (file: string, update: number) =>
    join(folder, file.replace(/-\d+\./, `-${1_796_007_649_474_893_150n + BigInt(update)}.`));
  for (let update = 1; update <= 20; update++) for (const file of files) writeFileSync(at(file, update), '');
  await forgetOldUpdates(stack, places);
  expect(files.filter((file) => existsSync(join(folder, file)))).toEqual([]);
  expect(left().filter((file) => file.includes('/history/'))).toHaveLength(80);
});

test.each(['pulumi stack init feat-b', 'pulumi up, while it runs', 'pulumi up', 'pulumi destroy --remove'])(
  'every file after `%s` belongs to the backend or to the stack, and is removed with it',
  async (command) => {
    const files = writeFilesOf(command);
    const ofStack = [...keptPaths(stack, places), locksFolder(stack, places)];
    const known = (file: string) => ofStack.some((path) => join(folder, file).startsWith(path));
    const meta = files.filter((file) => join(folder, file).startsWith(metaFile(places)));
    expect(files.filter((file) => !known(file))).toEqual(meta);
    await removeStackFiles(stack, places);
    expect(left()).toEqual([...meta].sort());
  },
);
