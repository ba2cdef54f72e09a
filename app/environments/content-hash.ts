import { createHash } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { WatchedFiles } from '../../config/files/database.ts';
import { filesOfDumpFolder } from '../../config/files/dump-folder.ts';
import { filesMatching } from '../../config/files/matching.ts';
import { hasCode } from '../../core/errors.ts';
import { folderMark } from '../../core/files.ts';
import { sha256 } from '../../core/hash.ts';
import type { Identity } from '../../core/identity.ts';
import { paths } from '../../core/paths.ts';
import { programText } from '../version.ts';

/** Everything that a plan depends on, besides the files that are read here. */
export interface ContentInputs {
  readonly identity: Identity;
  /** Absolute path of coppice.yaml. */
  readonly specFile: string;
  readonly profile: string;
  readonly as?: string | undefined;
  /** The files that the database is built from, as the last `up` of this spec recorded them. */
  readonly watched?: WatchedFiles | undefined;
}

/** From this size on, a file counts as changed when its size or time is: a dump may have many gigabytes. */
const bigBytes = 4 * 2 ** 20;

/**
 * A hash over everything that determines an environment: the text of the spec and of its Pulumi project, HEAD and
 * branch, settings, the cluster's record, the files of its database and this program itself. The plan follows from
 * these, so equal hashes need no comparison of plans: an unchanged `up` is quick because it does not parse the spec.
 */
export async function contentHash(inputs: ContentInputs): Promise<string> {
  const { identity, specFile, profile, as, watched } = inputs;
  const hash = createHash('sha256');
  const add = (name: string, value: string) => hash.update(`${name}\0${value.length}\0${value}\0`);
  for (const [name, value] of Object.entries(identity).sort(([a], [b]) => a.localeCompare(b)))
    add(name, String(value));
  add('spec file', specFile);
  add('folder', (await folderMark(dirname(specFile))) ?? '');
  add('profile', profile);
  add('as', as ?? '');
  add('program', programText());
  const { settings, clusterRecord } = paths();
  const folder = dirname(specFile);
  const project = projectFiles.map((file) => join(folder, file));
  for (const file of [specFile, settings, clusterRecord, ...project]) add(file, textOrEmpty(file));
  for (const [file, content] of await watchedContents(folder, watched)) add(file, content);
  return hash.digest('hex');
}

const projectFiles = ['Pulumi.yaml', 'Pulumi.yml', 'infra/Pulumi.yaml', 'infra/Pulumi.yml', 'infra/index.js'];

async function watchedContents(
  folder: string,
  watched: WatchedFiles | undefined,
): Promise<(readonly [file: string, content: string])[]> {
  const matching = await filesMatching(folder, watched?.patterns ?? []);
  const files = [...new Set([...matching, ...(watched?.files ?? [])])];
  return Promise.all(files.map(async (file) => [file, await contentOf(resolve(folder, file))] as const));
}

/** Name of the part of a content that is the user's settings; all others are files below the folder of coppice.yaml. */
export const settingsPart = 'settings';

/**
 * A digest of each file whose content is part of the hash, by its path below the folder of coppice.yaml, and of the
 * settings; files that do not exist are left out. What was committed since changes none of them.
 */
export async function contentParts({
  specFile,
  watched,
}: Pick<ContentInputs, 'specFile' | 'watched'>): Promise<Record<string, string>> {
  const folder = dirname(specFile);
  const own = [basename(specFile), ...projectFiles].map(
    (file) => [file, textOrEmpty(join(folder, file))] as const,
  );
  const parts = [
    ...own,
    [settingsPart, textOrEmpty(paths().settings)] as const,
    ...(await watchedContents(folder, watched)),
  ];
  return Object.fromEntries(
    parts
      .filter(([, content]) => content !== '' && content !== 'none')
      .map(([name, content]) => [name, sha256(content, 16)]),
  );
}

function textOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}

async function contentOf(file: string): Promise<string> {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return contentOfFolder(file);
  if (!stats?.isFile()) return 'none';
  return stats.size < bigBytes ? `text ${readFileSync(file, 'latin1')}` : shapeOf(stats);
}

/** Of a folder that is a dump; other folders, which the words of a command may name, do not count. */
async function contentOfFolder(path: string): Promise<string> {
  const parts: string[] = [];
  for (const file of (await filesOfDumpFolder(path)) ?? []) {
    const stats = statSync(file, { throwIfNoEntry: false });
    parts.push(`${file} ${stats ? shapeOf(stats) : 'none'}`);
  }
  return parts.length === 0 ? 'none' : parts.join('\n');
}

function shapeOf({ size, mtimeMs }: Stats): string {
  return `big ${size} ${mtimeMs}`;
}
