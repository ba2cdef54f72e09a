import { join } from 'node:path';
import type { PackageManagerName } from '../../../config/packages/install-command.ts';
import { installedPackages } from '../../../config/packages/installed.ts';
import type { FileEntry } from '../../../core/copy/listing.ts';
import { isThere } from '../../../core/files.ts';
import { composerState } from './composer.ts';
import { gemState } from './gems.ts';
import { memberWithScripts } from './scripts.ts';
import { touchPackages, venvState } from './venv.ts';

/** Why what is installed may not be copied; undefined when it is exactly what the lock file lists. */
export type Obstacle = string | undefined;

/** One way in which packages get into a folder of a project. */
export interface DependencyKind {
  /** The program that installs them. */
  readonly manager: string;
  /** One of these is in the project's folder; the first that is there decides. */
  readonly lockFiles: readonly string[];
  /** Files beside it that also decide what is installed, or where. */
  readonly settings: readonly string[];
  /** Which folders it fills, relative to the project's. */
  readonly folders: readonly string[];
  /** Files of the project that are not packages, and say where those are. */
  readonly companions?: readonly string[];
  /** Members of a workspace have such a folder too. */
  readonly nested: boolean;
  /** Compares what is installed in a project with its lock file. */
  readonly obstacle: (project: string, lockFile: string) => Promise<Obstacle>;
  /** Makes a copy count as younger than its lock file. */
  readonly settle?: (project: string) => Promise<void>;
  /** Whether a file is one that the manager itself links from its store into every project. */
  readonly isOfStore: (file: FileEntry) => boolean;
  /** Whether a file may have the path of its worktree in it, which must be another in the copy. */
  readonly hasPaths: (file: FileEntry) => boolean;
}

const never = () => false;
const hasOtherNames = ({ stats }: FileEntry) => stats.nlink > 1;

/** Bytes above which no file is written by a package manager for its own use. */
const SMALL = 2 * 1024 * 1024;

function ofNode(
  manager: PackageManagerName,
  kind: Pick<DependencyKind, 'lockFiles' | 'settings'> & Partial<DependencyKind>,
): DependencyKind {
  return {
    manager,
    folders: ['node_modules'],
    nested: true,
    isOfStore: never,
    // Of Prisma's generated client, and programs that are scripts of the manager and not links.
    hasPaths: ({ path, stats }) => /(^|\/)\.(prisma|bin)\//.test(path) && stats.size < SMALL,
    obstacle: async (project, lockFile) => {
      if (await isThere(join(project, 'binding.gyp')))
        return 'the project is compiled when its packages are installed';
      const member = manager === 'npm' ? await memberWithScripts(project, lockFile) : undefined;
      if (member !== undefined) return `${member} has scripts that npm runs when it installs`;
      const { state } = await installedPackages(manager, project);
      if (state === 'right') return undefined;
      return state === 'wrong'
        ? `node_modules is not what ${lockFile} lists`
        : `it is not known whether node_modules is what ${lockFile} lists`;
    },
    ...kind,
  };
}

function ofPython(manager: string, lockFiles: readonly string[]): DependencyKind {
  return {
    manager,
    lockFiles,
    settings: ['.python-version'],
    folders: ['.venv', 'venv'],
    nested: false,
    obstacle: venvState,
    settle: touchPackages,
    isOfStore: ({ path, ...file }) =>
      manager === 'uv' && path.includes('/site-packages/') && hasOtherNames({ path, ...file }),
    hasPaths: ({ path, stats }) =>
      stats.size < SMALL &&
      (/^[^/]+\/(bin\/[^/]+|pyvenv\.cfg)$/.test(path) ||
        /\.(pth|egg-link)$|\/direct_url\.json$|\/__editable__[^/]*$|_finder\.py$|\/kernel\.json$/.test(path)),
  };
}

/** In this order: of several that are there, the first whose packages are right is taken. */
export const dependencyKinds: readonly DependencyKind[] = [
  ofNode('npm', {
    lockFiles: ['npm-shrinkwrap.json', 'package-lock.json'],
    settings: ['.npmrc'],
  }),
  ofNode('pnpm', {
    lockFiles: ['pnpm-lock.yaml'],
    settings: ['.npmrc', 'pnpm-workspace.yaml', '.pnpmfile.cjs', '.pnpmfile.mjs'],
    isOfStore: (file) => hasOtherNames(file) && /(^|\/)\.pnpm\/[^/]+\/node_modules\//.test(file.path),
    hasPaths: ({ path, stats }) =>
      stats.size < SMALL &&
      (/(^|\/)\.(prisma|bin)\//.test(path) ||
        /^node_modules\/\.(modules|pnpm-workspace-state)[^/]*$/.test(path)),
  }),
  ofNode('yarn', {
    lockFiles: ['yarn.lock'],
    settings: ['.yarnrc', '.yarnrc.yml', '.npmrc'],
  }),
  ofNode('bun', {
    lockFiles: ['bun.lock'],
    settings: ['bunfig.toml', '.npmrc'],
    isOfStore: (file) => hasOtherNames(file) && !/^node_modules\/\.[^/]+$/.test(file.path),
  }),
  ofPython('uv', ['uv.lock']),
  ofPython('poetry', ['poetry.lock']),
  ofPython('pdm', ['pdm.lock']),
  ofPython('pipenv', ['Pipfile.lock']),
  ofPython('pip', ['requirements.txt']),
  {
    manager: 'bundler',
    lockFiles: ['Gemfile.lock'],
    settings: ['.ruby-version'],
    folders: ['vendor/bundle'],
    companions: ['.bundle/config'],
    nested: false,
    obstacle: gemState,
    isOfStore: never,
    hasPaths: ({ path }) => path === '.bundle/config' || /^vendor\/bundle\/ruby\/[^/]+\/bin\//.test(path),
  },
  {
    manager: 'composer',
    lockFiles: ['composer.lock'],
    settings: [],
    folders: ['vendor'],
    nested: false,
    obstacle: composerState,
    isOfStore: never,
    hasPaths: never,
  },
];

/** What is in `node_modules` and of no use in another folder: Vite's has the path in its hash. */
export function isCache(path: string): boolean {
  return /^(.*\/)?node_modules\/\.(cache|vite|vite-temp|vitest|tmp|turbo)$/.test(path);
}
