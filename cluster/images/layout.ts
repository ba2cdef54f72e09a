import type { ProgramName } from '../../toolchain/manifest.ts';
import type { ResolvedProgram } from '../../toolchain/resolved.ts';

interface Placed {
  /** Path in the image, without the leading slash: `usr/local/bin/node`. */
  readonly path: string;
  /** uid and gid; root by default. */
  readonly owner?: number;
}

/** One thing in an image. */
export type Entry =
  | (Placed & { readonly kind: 'folder'; readonly mode: number })
  /** A file of this machine, symbolic links followed. */
  | (Placed & { readonly kind: 'copy'; readonly from: string; readonly mode: number })
  | (Placed & { readonly kind: 'text'; readonly text: string; readonly mode: number })
  | (Placed & { readonly kind: 'link'; readonly target: string });

/**
 * The part of an OCI image configuration that we set: https://github.com/opencontainers/image-spec/blob/main/config.md
 */
export interface ContainerDefaults {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
  /** Signal that ends the first process; SIGTERM by default. */
  readonly StopSignal?: string;
}

/** An image as plain data. */
export interface ImageLayout {
  /** Version of the image's main content; part of its tag. */
  readonly version: string;
  readonly entries: readonly Entry[];
  readonly defaults: ContainerDefaults;
}

/** How to build an image from what this machine has. */
export interface Recipe<Name extends ProgramName = ProgramName> {
  /** Programs of the toolchain that it contains. */
  readonly programs: readonly Name[];
  layout(programs: Readonly<Record<Name, ResolvedProgram>>): Promise<ImageLayout>;
}

/** Sorted by path, with the parent folders that no entry names, and without a second entry of the same path. */
export function complete(entries: readonly Entry[]): Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) if (!byPath.has(entry.path)) byPath.set(entry.path, entry);
  for (const { path } of entries) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash);
      if (!byPath.has(parent)) byPath.set(parent, { kind: 'folder', path: parent, mode: 0o755 });
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
