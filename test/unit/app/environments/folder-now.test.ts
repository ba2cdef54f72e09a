import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderProblem } from '../../../../app/environments/folder-now.ts';
import type { Kube } from '../../../../cluster/kube/client.ts';
import { folderMark } from '../../../../core/files.ts';
import { Annotation } from '../../../../core/labels.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'coppice-folder-'));
  mkdirSync(join(parent, 'shop'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const mounting = (mark: string | undefined) => {
  const annotations = mark === undefined ? {} : { [Annotation.folder]: mark };
  const items = [{ spec: { template: { metadata: { annotations } } } }];
  return { apps: { listNamespacedDeployment: async () => ({ items }) } } as unknown as Kube;
};
const problem = (mark: string | undefined, folder: string, worktree = folder) =>
  folderProblem(mounting(mark), { namespace: 'wt-shop--a', worktree }, folder);

test('pods that see a folder that was replaced at its path are a problem, and others are not', async () => {
  const folder = join(parent, 'shop');
  const mark = await folderMark(folder);
  expect(await problem(mark, folder)).toBeUndefined();
  const gone = `its worktree ${folder} is gone: its pods see the folder that was there`;
  renameSync(folder, join(parent, 'old'));
  expect(await problem(mark, folder)).toBe(gone);
  expect(await problem(mark, join(parent, 'old'), folder)).toBeUndefined();
  mkdirSync(join(parent, 'copy'));
  expect(await problem(mark, join(parent, 'copy'), folder)).toBe(gone);
  expect(await problem(undefined, folder)).toBeUndefined();
  mkdirSync(folder);
  expect(await problem(mark, folder)).toBe(
    `the folder ${folder} was replaced: its pods see the one that was there before`,
  );
  expect(await problem(undefined, folder)).toBeUndefined();
  expect(await problem(mark, folder, parent)).toBeDefined();
  expect(await problem(mark, folder, join(parent, 'old'))).toBeUndefined();
});

test("a disk's new number after a restart is no other folder", async () => {
  const folder = join(parent, 'shop');
  const mark = (await folderMark(folder))?.replace(/^\d+:/, '999:');
  expect(await problem(mark, folder)).toBeUndefined();
});
