import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { dataFileChecks } from '../../../../app/doctor/data-files.ts';
import { paths } from '../../../../core/paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-data-files-'));
  vi.stubEnv('XDG_DATA_HOME', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): string {
  const file = join(paths().data, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const files = {
  'repositories.json': '{"moved":{},"marks":{"/shop/.git":"1"}}',
  'allowed-setup.json': '{"texts":["0ab1"]}',
  'replaced-cluster.json': '{"record":{},"reset":true}',
  'clusters/switch.json': '{"from":"embedded","to":"k3d","step":"aside"}',
};

it.each(Object.entries(files))(
  'names %s where it is cut short, empty or full of NULs',
  async (name, whole) => {
    for (const text of [whole.slice(0, whole.length / 2), '', '\0'.repeat(whole.length)]) {
      const file = write(name, text);
      expect(await dataFileChecks()).toMatchObject([
        { ok: false, detail: expect.stringContaining(file), fix: expect.stringContaining(file) },
      ]);
    }
  },
);

it('says nothing of whole ones and of absent ones', async () => {
  expect(await dataFileChecks()).toEqual([]);
  for (const [name, text] of Object.entries(files)) write(name, text);
  expect(await dataFileChecks()).toEqual([]);
});
