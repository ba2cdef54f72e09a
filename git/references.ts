import { git, gitWith } from './command.ts';

/** A reference by its full name, and the full sha to which it points. */
export interface Reference {
  readonly ref: string;
  readonly sha: string;
}

/** Full sha of a reference; undefined when there is none. */
export async function shaOf(folder: string, ref: string): Promise<string | undefined> {
  const { code, stdout } = await git(folder, 'rev-parse', '--verify', '--quiet', ref);
  return code === 0 ? stdout.trim() : undefined;
}

/** Makes references point where they should, all or none; false when git refuses. */
export async function writeReferences(folder: string, references: readonly Reference[]): Promise<boolean> {
  if (references.length === 0) return true;
  const input = references.map(({ ref, sha }) => `update ${ref}\0${sha}\0\0`).join('');
  return (await gitWith(folder, { input }, 'update-ref', '-z', '--stdin')).code === 0;
}

/** Creates a reference; false when there is one already, or git refuses. */
export async function createReference(folder: string, { ref, sha }: Reference): Promise<boolean> {
  const input = `create ${ref}\0${sha}\0`;
  return (await gitWith(folder, { input }, 'update-ref', '-z', '--stdin')).code === 0;
}

/** Deletes references where each still points to what was read, all or none; false when one does not. */
export async function deleteReferences(folder: string, references: readonly Reference[]): Promise<boolean> {
  if (references.length === 0) return true;
  const input = references.map(({ ref, sha }) => `delete ${ref}\0${sha}\0`).join('');
  return (await gitWith(folder, { input }, 'update-ref', '-z', '--stdin')).code === 0;
}

/** A tree whose entries are blobs, so that one reference keeps them all; undefined when git refuses. */
export async function treeOfBlobs(folder: string, blobs: readonly string[]): Promise<string | undefined> {
  const input = blobs.map((sha) => `100644 blob ${sha}\t${sha}\n`).join('');
  const { code, stdout } = await gitWith(folder, { input }, 'mktree', '--missing');
  return code === 0 ? stdout.trim() : undefined;
}
