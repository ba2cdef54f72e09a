import type { Platforms } from '../../core/node-platform.ts';
import type { FileDigest } from '../plan/environment-plan.ts';
import { needsInstall } from '../plan/install.ts';
import { type LoadedSpec, specError } from '../spec/load.ts';
import { type InstallSpec, installSpec } from '../spec/schema/install.ts';
import { lockFiles, wordsOf } from './command.ts';
import type { WatchedFiles } from './database.ts';
import { type DigestCache, FileReading } from './reading.ts';

/** List the wanted packages, where no lock file pins them. */
export const manifests: readonly string[] = [
  ...['package.json', 'pyproject.toml', 'Pipfile', 'setup.py'],
  ...['Gemfile', 'composer.json', 'go.mod', 'Cargo.toml', 'mix.exs'],
];

/**
 * Content of the files that define what `install:` installs; undefined if nothing has to be installed. Throws SpecError
 * for a pattern without a file, or a file that leads out of the folder.
 */
export async function readInstallFiles(
  loaded: LoadedSpec,
  platforms: Platforms,
  cache?: DigestCache,
): Promise<FileDigest[] | undefined> {
  const { install } = loaded.spec;
  if (install === undefined || !needsInstall(loaded.spec, platforms)) return undefined;
  const reading = new FileReading(loaded.folder, cache);
  const files = await reading.digests(await pathsOf(installSpec(install), reading), ['install', 'inputs']);
  if (reading.findings.length > 0) throw await specError(loaded, reading.findings);
  return files;
}

async function pathsOf({ command, inputs }: InstallSpec, reading: FileReading): Promise<string[]> {
  if (inputs !== undefined) return reading.matching(inputs, ['install', 'inputs']);
  const named = await reading.present(wordsOf(command));
  const locks = await reading.present(lockFiles);
  const deciding = locks.length > 0 ? locks : await reading.present(manifests);
  return [...new Set([...named, ...deciding])].sort();
}

/** The same files, for callers that only check whether something changed. */
export function watchedInstallFiles({ spec }: Pick<LoadedSpec, 'spec'>, platforms: Platforms): WatchedFiles {
  if (spec.install === undefined || !needsInstall(spec, platforms)) return { patterns: [], files: [] };
  const { command, inputs } = installSpec(spec.install);
  if (inputs !== undefined) return { patterns: inputs, files: [] };
  return { patterns: [], files: [...wordsOf(command), ...lockFiles, ...manifests] };
}
