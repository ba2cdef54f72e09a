import type { Entry, ImageLayout, Recipe } from '../layout.ts';
import {
  addonLibraries,
  appletPaths,
  certificateEntries,
  folderEntries,
  nameServiceLibraries,
  npmFolder,
  sharedLibraries,
} from '../machine-files.ts';
import { baseEntries, merged, searchPath } from './base.ts';

/** The image's contents, as found on this machine. */
export interface NodeParts {
  readonly version: string;
  /** Path of the node binary. */
  readonly node: string;
  /** Absolute paths; they keep their places. */
  readonly libraries: readonly string[];
  /** npm's files at their place in the image; none if node came without npm. */
  readonly npm: readonly Entry[];
  /** Path of a static busybox. */
  readonly busybox: string;
  /** Paths of its applets, such as `usr/bin/env`. */
  readonly applets: readonly string[];
  readonly certificates: readonly Entry[];
}

const modules = 'usr/local/lib/node_modules';

/**
 * Paths and the user `node` as in the official image: https://github.com/nodejs/docker-node
 *
 * @internal Its test reads the layout without a build.
 */
export function nodeLayout(parts: NodeParts): ImageLayout {
  const program = (path: string, from: string): Entry => ({ kind: 'copy', path, from, mode: 0o755 });
  const link = (path: string, target: string): Entry => ({ kind: 'link', path, target });
  const npm = parts.npm.length === 0 ? [] : ['npm', 'npx'];
  return {
    version: parts.version,
    entries: [
      ...baseEntries([{ name: 'node', id: 1000, home: '/home/node' }]),
      program('usr/local/bin/node', parts.node),
      link('usr/local/bin/nodejs', 'node'),
      ...npm.map((name) => link(`usr/local/bin/${name}`, `../lib/node_modules/npm/bin/${name}-cli.js`)),
      ...parts.npm,
      ...parts.libraries.map((path) => program(merged(path), path)),
      program('usr/bin/busybox', parts.busybox),
      ...parts.applets.map((applet) => link(merged(applet), '/usr/bin/busybox')),
      ...parts.certificates,
    ],
    defaults: { Env: [searchPath, `NODE_VERSION=${parts.version}`], Cmd: ['node'] },
  };
}

/** The node that runs us: what was installed for it on this machine, including native modules, runs in the pod. */
export const node: Recipe<'busybox'> = {
  programs: ['busybox'],
  async layout({ busybox }) {
    const [libraries, npm, applets] = await Promise.all([
      sharedLibraries(process.execPath),
      npmFolder(process.execPath).then((folder) => (folder ? folderEntries(folder, `${modules}/npm`) : [])),
      appletPaths(busybox.path),
    ]);
    return nodeLayout({
      version: process.versions.node,
      node: process.execPath,
      libraries: [...libraries, ...nameServiceLibraries(libraries), ...addonLibraries(libraries)],
      npm,
      busybox: busybox.path,
      applets,
      certificates: certificateEntries(),
    });
  },
};
