import { rm } from 'node:fs/promises';
import { sha256 } from '../../core/hash.ts';
import { complete, type ImageLayout } from './layout.ts';
import { writeTar } from './tar.ts';

/** Node's names of architectures, to those in image configurations. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Writes an image of one layer as a docker archive, the format of `docker save` that containerd, docker, podman and
 * crane read: https://github.com/moby/docker-image-spec/blob/main/v1.2.md. The layer is not compressed: it never leaves
 * this machine, and gzip would take longer than all the rest.
 */
export async function writeImage(file: string, reference: string, layout: ImageLayout): Promise<void> {
  const layer = `${file}.layer`;
  try {
    const digest = await writeTar(layer, complete(layout.entries));
    const config = JSON.stringify({
      architecture: architectures[process.arch] ?? process.arch,
      os: 'linux',
      created: new Date(0).toISOString(),
      config: layout.defaults,
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
      history: [{ created: new Date(0).toISOString(), created_by: 'coppice' }],
    });
    const configFile = `${sha256(config)}.json`;
    const manifest = [{ Config: configFile, RepoTags: [reference], Layers: [`${digest}.tar`] }];
    await writeTar(file, [
      { kind: 'text', path: configFile, text: config, mode: 0o644 },
      { kind: 'copy', path: `${digest}.tar`, from: layer, mode: 0o644 },
      { kind: 'text', path: 'manifest.json', text: JSON.stringify(manifest), mode: 0o644 },
    ]);
  } finally {
    await rm(layer, { force: true });
  }
}
