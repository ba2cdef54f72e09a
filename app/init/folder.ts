import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readIfPresent, unlessAbsent } from '../../core/files.ts';

export interface PackageJson {
  readonly name?: string;
  readonly main?: string;
  readonly packageManager?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A folder of the repository whose services are guessed. */
export interface Folder {
  /** Absolute path of the folder of coppice.yaml. */
  readonly top: string;
  /** Relative to the top; `.` for the top itself. */
  readonly path: string;
  /** Names directly in it. */
  readonly names: ReadonlySet<string>;
  readonly manifest: PackageJson | undefined;
}

export async function readFolder(top: string, path = '.'): Promise<Folder> {
  const names = new Set((await unlessAbsent(readdir(join(top, path)))) ?? []);
  return {
    top,
    path,
    names,
    manifest: names.has('package.json') ? await readManifest(join(top, path)) : undefined,
  };
}

/** The text of a file below the folder; empty when there is none. */
export async function textIn({ top, path }: Folder, file: string): Promise<string> {
  return (await readIfPresent(join(top, path, file)).catch(() => undefined)) ?? '';
}

/** Path of a file as coppice.yaml writes it, relative to the top. */
export function fromTop({ path }: Folder, file: string): string {
  return posix.join(path, file);
}

export function dependenciesOf({ manifest }: Folder): ReadonlySet<string> {
  return new Set(Object.keys({ ...manifest?.dependencies, ...manifest?.devDependencies }));
}

async function readManifest(folder: string): Promise<PackageJson> {
  try {
    return JSON.parse((await readIfPresent(join(folder, 'package.json'))) ?? '{}') as PackageJson;
  } catch {
    return {};
  }
}
