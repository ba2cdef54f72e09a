import { mkdir, readFile, readlink, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomic } from '../core/files.ts';
import { packageRoot } from '../core/package-root.ts';
import { pins } from '../core/pins.ts';

export interface PluginFolders {
  /** `PULUMI_HOME` */
  readonly pulumiHome: string;
  /** Path of the program `pulumi-resource-kubernetes`. */
  readonly kubernetesProvider: string;
  /** Version of this package. */
  readonly version: string;
  /** The bundled `provider/main.ts`. */
  readonly main?: string;
}

/**
 * Installs our plugin and the Kubernetes provider where the engine looks for them, for `wt` and for a manual `pulumi`.
 * About 1 ms when both are installed. Older versions stay: a state names the version by which it was written.
 */
export async function installPlugins(folders: PluginFolders): Promise<void> {
  const { pulumiHome, kubernetesProvider, version } = folders;
  const main = folders.main ?? join(packageRoot(), 'dist', 'provider', 'main.js');
  const place = (name: string, of: string) =>
    join(pulumiHome, 'plugins', `resource-${name}-v${of}`, `pulumi-resource-${name}`);
  await Promise.all([
    writeScript(place('coppice', version), pluginScript(process.execPath, main)),
    link(place('kubernetes', pins.pulumiKubernetes), kubernetesProvider),
  ]);
}

/** The same node that runs `wt`: PATH may have another one, or none. */
function pluginScript(node: string, main: string): string {
  const quoted = (path: string) => `'${path.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh\nexec ${quoted(node)} ${quoted(main)} "$@"\n`;
}

async function writeScript(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  await writeAtomic(file, text, 0o755);
}

async function link(file: string, target: string): Promise<void> {
  if ((await readlink(file).catch(() => undefined)) === target) return;
  await mkdir(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}.${Date.now()}`;
  await symlink(target, fresh);
  // Replaces it in one step: an engine may be starting right now.
  await rename(fresh, file);
}
