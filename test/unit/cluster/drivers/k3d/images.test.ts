import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importArchives } from '../../../../../cluster/drivers/k3d/images.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coppice-import-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A stand-in for k3d that prints `words`, fails as often as requested, and notes each call. */
async function k3dThatFails(times: number, words: string): Promise<string> {
  const file = join(folder, 'k3d');
  await writeFile(
    file,
    `#!/bin/sh\necho "$@" >>"${folder}/calls"\ntest "$(wc -l <"${folder}/calls")" -gt ${times} && exit 0\necho "${words}" >&2\nexit 1\n`,
  );
  await chmod(file, 0o755);
  return file;
}
const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
/** The message of k3d 5.9.0. */
const closed =
  'ERRO[0000] Failed to copy read stream. write unix @->/run/docker.sock: use of closed network connection';

test('an import that failed because the node hung up first is repeated', async () => {
  await importArchives(await k3dThatFails(2, closed), 'work', ['/a.tar']);
  expect(await calls()).toEqual(
    Array.from({ length: 3 }, () => 'image import --mode direct --cluster work /a.tar'),
  );
});

test('one that fails each time, or for another reason, is an error', async () => {
  const again = importArchives(await k3dThatFails(9, closed), 'work', ['/a.tar']);
  await expect(again).rejects.toMatchObject({ code: 'COPPICE_COMMAND_FAILED' });
  expect(await calls()).toHaveLength(8);
  const other = importArchives(await k3dThatFails(9, 'ERRO[0000] no such file'), 'work', ['/a.tar']);
  await expect(other).rejects.toMatchObject({ message: expect.stringContaining('no such file') });
  expect(await calls()).toHaveLength(9);
});
