import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { paths } from '../../../core/paths.ts';
import { withTemporaryFolder } from '../../../core/temporary-folder.ts';

let folder: string;
let places: ReturnType<typeof paths>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-t-'));
  places = paths({ XDG_DATA_HOME: folder });
});
afterEach(() => rmSync(folder, { recursive: true }));

const above = () => join(places.data, 'tmp');
const ended = () => spawnSync('true').pid;

/** As a run leaves it that was killed. */
function left(owner: number, user?: number): string {
  const path = join(above(), `coppice-${owner}-Abc12d`);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'kubeconfig1'), 'credentials');
  if (user !== undefined) writeFileSync(join(path, 'coppice-user'), String(user));
  return path;
}

describe('the folder of a run for temporary files', () => {
  test('is for its user alone, and goes with all that is in it', async () => {
    const path = await withTemporaryFolder(async ({ path }) => {
      expect(statSync(path).mode & 0o777).toBe(0o700);
      mkdirSync(join(path, 'pulumi-node-pipes1'));
      writeFileSync(join(path, 'kubeconfig1'), 'credentials');
      return path;
    }, places);
    expect(dirname(path)).toBe(above());
    expect(readdirSync(above())).toEqual([]);
  });

  test('goes when the run fails', async () => {
    const failing = withTemporaryFolder(() => Promise.reject(new Error('failed')), places);
    await expect(failing).rejects.toThrow('failed');
    expect(readdirSync(above())).toEqual([]);
  });

  test('of two runs at once are two', async () => {
    await withTemporaryFolder(async (one) => {
      await withTemporaryFolder(async (other) => expect(other.path).not.toBe(one.path), places);
      expect(existsSync(one.path)).toBe(true);
    }, places);
  });

  test('of a killed run goes with the next one, unless its engine still runs', async () => {
    const gone = left(ended());
    mkdirSync(join(above(), 'not-ours'));
    await withTemporaryFolder(async () => expect(existsSync(gone)).toBe(false), places);
    const running = left(ended(), process.pid);
    await withTemporaryFolder(async () => expect(existsSync(running)).toBe(true), places);
    writeFileSync(join(running, 'coppice-user'), String(ended()));
    await withTemporaryFolder(async () => expect(existsSync(running)).toBe(false), places);
    expect(readdirSync(above())).toEqual(['not-ours']);
  });

  test('of a run that goes on without us says so', async () => {
    await withTemporaryFolder(async (mine) => {
      await mine.keepFor(process.pid);
      expect(readdirSync(mine.path)).toEqual(['coppice-user']);
    }, places);
  });

  test('has a path in which a socket has room', async () => {
    const deep = paths({ XDG_DATA_HOME: join(folder, 'a'.repeat(100)) });
    await withTemporaryFolder(async ({ path }) => {
      expect(dirname(path)).toBe(tmpdir());
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }, deep);
  });
});
