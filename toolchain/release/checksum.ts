import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { CoppiceError } from '../../core/errors.ts';
import { writeJson } from '../../core/files.ts';
import { withLock } from '../../core/lock.ts';
import { readState, type StateFile } from '../../core/state/state-file.ts';
import { give, makeFolder } from '../../core/user.ts';
import type { Machine } from '../machine.ts';
import type { Checksum } from '../manifest-entry.ts';

/** One line of the local lock file: a download, and the checksum that its release published when we first saw it. */
interface Locked {
  readonly sha256: string;
  /** Where the checksum was published. */
  readonly readFrom: string;
  readonly recorded: string;
}
type LockFile = Record<string, Locked>;

/** Throws COPPICE_CHECKSUM when the text does not mention the file. */
export function parseChecksum(
  text: string,
  format: Checksum['format'],
  url: string,
  readFrom: string,
): string {
  const file = basename(new URL(url).pathname);
  const sha256 = format === 'sums' ? inSums(text, file) : inGithubRelease(text, file);
  if (sha256) return sha256.toLowerCase();
  throw new CoppiceError('COPPICE_CHECKSUM', `${readFrom} has no SHA-256 for ${file}`, {
    hint: 'nothing was installed; the release may be incomplete, or a proxy may answer in its place',
  });
}

function inSums(text: string, file: string): string | undefined {
  const lines = text.trim().split(/\r?\n/);
  for (const line of lines) {
    const [, hex, name] = /^([0-9a-f]{64})\s+\*?(\S+)$/i.exec(line.trim()) ?? [];
    if (name !== undefined && basename(name) === file) return hex;
  }
  return lines.length === 1 ? /^[0-9a-f]{64}$/i.exec(lines[0]?.trim() ?? '')?.[0] : undefined;
}

const githubRelease = z.object({
  assets: z.array(z.object({ name: z.string(), digest: z.string().nullish() })),
});

function inGithubRelease(text: string, file: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const asset = githubRelease.safeParse(json).data?.assets.find(({ name }) => name === file);
  return /^sha256:([0-9a-f]{64})$/i.exec(asset?.digest ?? '')?.[1];
}

/** Whoever took a damaged one for empty would trust whatever is downloaded next. */
const lockFileKind: StateFile = {
  what: 'the list of checksums',
  fields: {},
  afterwards: 'the next downloads are trusted and recorded in a new one',
};

/** The checksum recorded for a download when it was first installed. */
export async function recordedChecksum(machine: Machine, url: string): Promise<string | undefined> {
  return (await readState<LockFile>(machine.lockFile, lockFileKind))?.[url]?.sha256;
}

/** Throws COPPICE_CHECKSUM when the download does not match. */
export function verify(url: string, actual: string, expected: string, source: string): void {
  if (actual === expected) return;
  throw new CoppiceError('COPPICE_CHECKSUM', `${url} has SHA-256 ${actual}, but ${source} has ${expected}`, {
    hint: 'nothing was installed: either something between here and the release changes files, or the release was replaced; find out which before you try again',
  });
}

export async function recordChecksum(
  machine: Machine,
  url: string,
  sha256: string,
  readFrom: string,
): Promise<void> {
  await makeFolder(dirname(machine.lockFile), machine.owner, 0o700);
  await withLock(`${machine.lockFile}.lock`, async () => {
    const all = (await readState<LockFile>(machine.lockFile, lockFileKind)) ?? {};
    if (all[url]) return;
    await writeJson(machine.lockFile, {
      ...all,
      [url]: { sha256, readFrom, recorded: new Date().toISOString() },
    });
    await give(machine.lockFile, machine.owner);
  });
}
