import { mkdir, rename } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { extract } from 'tar';
import { CoppiceError } from '../../core/errors.ts';
import { sha256OfFile } from '../../core/files.ts';
import type { Task } from '../../core/progress.ts';
import { place, removeTree, workFolder } from '../cache.ts';
import type { Machine } from '../machine.ts';
import type { Platform, Program, Release } from '../manifest-entry.ts';
import { parseChecksum, recordChecksum, recordedChecksum, verify } from './checksum.ts';
import { download, fetchText } from './download.ts';
import { filled, type Located } from './template.ts';
import { unpackTree } from './tree.ts';

/** One download, and the programs in it. */
export interface ReleaseJob extends Located {
  readonly id: string;
  readonly programs: readonly { readonly name: string; readonly program: Program }[];
}

/** Downloads, verifies, unpacks and moves into place. Errors as in download.ts and checksum.ts. */
export async function installRelease(
  machine: Machine,
  job: ReleaseJob,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const work = await workFolder(machine, job.id);
  try {
    const archive = join(work, basename(new URL(job.url).pathname));
    await fetchVerified(machine, job, archive, task, signal);
    task.update('unpacking');
    const origin = { source: 'release', detail: `downloaded from ${new URL(job.url).host}` } as const;
    for (const { name, program } of job.programs) {
      const folder = await unpack(name, program, archive, { work, platform: machine.platform });
      await place(machine, name, program, program.version, folder, origin);
    }
  } finally {
    await removeTree(work);
  }
}

async function fetchVerified(
  machine: Machine,
  job: ReleaseJob,
  file: string,
  task: Task,
  signal: AbortSignal,
): Promise<void> {
  const [first] = job.programs;
  if (!first || 'none' in first.program.release) throw new Error(`no release in job ${job.id}`);
  task.update('reading its checksum');
  const known = await recordedChecksum(machine, job.url);
  const text = await fetchText(machine.locate(job.checksumUrl), signal);
  const published = parseChecksum(text, first.program.release.checksum.format, job.url, job.checksumUrl);
  // A checksum that changed after it was recorded means that the release was replaced: never accept that silently.
  if (known !== undefined) verify(job.checksumUrl, published, known, machine.lockFile);
  await download(machine.locate(job.url), file, {
    signal,
    onBytes: (got, all) => task.update(amount(got, all)),
  });
  verify(job.url, await sha256OfFile(file), published, job.checksumUrl);
  await recordChecksum(machine, job.url, published, job.checksumUrl);
}

const MEBIBYTE = 1024 * 1024;

function amount(received: number, total: number | undefined): string {
  const got = (received / MEBIBYTE).toFixed(0);
  return total === undefined ? `${got} MiB` : `${got} of ${(total / MEBIBYTE).toFixed(0)} MiB`;
}

/** A folder under `work` with the program and its companions, under their own names. */
async function unpack(
  name: string,
  program: Program,
  archive: string,
  { work, platform }: { readonly work: string; readonly platform: Platform },
): Promise<string> {
  const folder = join(work, `${name}.ready`);
  await mkdir(folder);
  const release = program.release as Release;
  if (release.tree) {
    await unpackTree(archive, folder, release.tree);
    return folder;
  }
  if (release.member === undefined) {
    await rename(archive, join(folder, program.kind === 'folder' ? basename(archive) : name));
    return folder;
  }
  const programMember = filled(release.member, program, platform);
  const wanted = new Set([programMember, ...(release.companions ?? [])]);
  const missing = new Set(wanted);
  const raw = join(work, `${name}.raw`);
  await mkdir(raw);
  await extract({
    file: archive,
    cwd: raw,
    filter: (path) => {
      const member = posix.normalize(path);
      missing.delete(member);
      return wanted.has(member);
    },
  });
  if (missing.size > 0) {
    throw new CoppiceError(
      'COPPICE_DOWNLOAD',
      `${basename(archive)} has no ${[...missing].join(' and no ')} in it`,
      {
        hint: 'the layout of the release differs from the manifest; please report it',
      },
    );
  }
  for (const member of wanted) {
    const isProgram = program.kind === 'file' && member === programMember;
    await rename(join(raw, member), join(folder, isProgram ? name : basename(member)));
  }
  return folder;
}
