import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, messageOf } from '../../core/errors.ts';
import { namesIn, unlessAbsent } from '../../core/files.ts';
import { type Paths, paths } from '../../core/paths.ts';
import { parseWhole } from '../../core/state/state-file.ts';
import { attributesFile, historyFolder, keptFiles, metaFile, type StackName } from './backend-files.ts';

/**
 * What the backend keeps beside each of its files: content type and digest, `fileblob.xattrs` in gocloud.dev. It is written
 * in place, so a kill, a full disk or a power failure leaves part of one. At such a file the engine stops, and it does
 * without one that is absent. A digest of something else does not matter to it.
 */
export interface DamagedAttributes {
  /** Absolute path. */
  readonly file: string;
  /** For example `it is cut short or not JSON`. */
  readonly problem: string;
}

/** Those beside a stack's state, its copies and its history. */
export async function damagedAttributes(
  name: StackName,
  places: Paths = paths(),
): Promise<DamagedAttributes[]> {
  const folder = historyFolder(name, places);
  const updates = (await namesIn(folder)).filter((file) => file.endsWith(attributesFile('')));
  return damagedOf([
    ...keptFiles(name, places).map(attributesFile),
    ...updates.map((file) => join(folder, file)),
  ]);
}

/** Those beside the backend's format, at which every engine stops. */
export async function damagedFormatAttributes(places: Paths = paths()): Promise<DamagedAttributes[]> {
  return damagedOf([attributesFile(metaFile(places))]);
}

/** Removes all of them that are damaged, and returns them. Only for who holds the stack. */
export async function forgetDamagedAttributes(
  name: StackName,
  places: Paths = paths(),
): Promise<DamagedAttributes[]> {
  const damaged = [...(await damagedAttributes(name, places)), ...(await damagedFormatAttributes(places))];
  await Promise.all(damaged.map(({ file }) => rm(file, { recursive: true, force: true })));
  return damaged;
}

async function damagedOf(files: readonly string[]): Promise<DamagedAttributes[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const problem = await problemOf(file);
      return problem === undefined ? [] : [{ file, problem }];
    }),
  );
  return found.flat();
}

async function problemOf(file: string): Promise<string | undefined> {
  try {
    const text = await unlessAbsent(readFile(file, 'utf8'));
    return text === undefined ? undefined : attributesProblem(text);
  } catch (error) {
    return hasCode(error, 'EISDIR') ? 'it is a folder' : `it cannot be read: ${messageOf(error)}`;
  }
}

function attributesProblem(text: string): string | undefined {
  const { value, problem } = parseWhole(text, {});
  if (problem !== undefined) return problem;
  const wrong = Object.entries(value ?? {}).find(([field, content]) => !fits(field, content));
  return wrong && `its ${wrong[0]} is not what the engine writes there`;
}

/** What the engine can decode; it writes `null` for what it does not know, and passes over other fields. */
function fits(field: string, content: unknown): boolean {
  if (content === null) return true;
  if (field === 'md5') return typeof content === 'string' && isBase64(content);
  if (field === 'user.metadata') return typeof content === 'object' && Object.values(content).every(isText);
  return !field.startsWith('user.') || isText(content);
}

function isText(content: unknown): boolean {
  return content === null || typeof content === 'string';
}

function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}
