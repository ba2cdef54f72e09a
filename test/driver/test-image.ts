import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';

/** Serves as a sandbox and as a container: it has catatonit as `/pause` and a busybox with its own `httpd`. */
export const testImage = 'coppice.local/test:1';

/** Writes a docker archive with two of this machine's static programs; returns its path. */
export async function makeTestArchive(folder: string): Promise<string> {
  const work = join(folder, 'image');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  copyFileSync('/usr/bin/catatonit', join(work, 'pause'));
  copyFileSync('/bin/busybox', join(work, 'busybox'));
  await create({ file: join(work, 'layer.tar'), cwd: work, portable: true }, ['pause', 'busybox']);
  const layer = createHash('sha256')
    .update(readFileSync(join(work, 'layer.tar')))
    .digest('hex');
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/pause', '-P'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  });
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  writeFileSync(join(work, name), config);
  writeFileSync(
    join(work, 'manifest.json'),
    JSON.stringify([{ Config: name, RepoTags: [testImage], Layers: ['layer.tar'] }]),
  );
  const archive = join(folder, 'test-image.tar');
  await create({ file: archive, cwd: work }, [name, 'layer.tar', 'manifest.json']);
  rmSync(work, { recursive: true });
  return archive;
}
