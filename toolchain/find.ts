import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import satisfies from 'semver/functions/satisfies.js';
import { answerOf } from './answer.ts';
import type { Machine } from './machine.ts';
import type { OnPath, Program } from './manifest-entry.ts';
import type { Found } from './memory.ts';

/** A program with the right name that does not fit, and why; `wt toolchain list` shows it. */
export interface Misfit {
  readonly path: string;
  readonly why: string;
}

type Wanted = Exclude<OnPath, { readonly never: string }>;

/** The first program on PATH that fits, and those that were passed over. */
export async function findOnPath(
  machine: Machine,
  name: string,
  program: Program,
): Promise<{ found?: Found; passedOver: Misfit[] }> {
  const wanted = program.onPath;
  const passedOver: Misfit[] = [];
  if ('never' in wanted) return { passedOver };
  for (const folder of new Set([...machine.searchPath, ...(wanted.alsoIn ?? [])])) {
    const file = join(folder, wanted.file ?? name);
    if (!(await isExecutable(file))) continue;
    const version = await versionOf(machine, file, wanted);
    const why = await misfit(file, version, wanted);
    if (why === undefined && version !== undefined) {
      return { found: { path: program.kind === 'folder' ? folder : file, version }, passedOver };
    }
    passedOver.push({ path: file, why: why ?? 'does not report its version' });
  }
  return { passedOver };
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function versionOf(machine: Machine, file: string, wanted: Wanted): Promise<string | undefined> {
  // Three numbers and no more: semver would take what distributions append (`1.6.20~ds1-1+deb12u3`) for a pre-release.
  const printed = await answerOf(file, wanted.ask, { env: machine.env, owner: machine.owner });
  const numbers = printed?.match(/\d+\.\d+\.\d+/g);
  return wanted.number === 'last' ? numbers?.at(-1) : numbers?.[0];
}

async function misfit(
  file: string,
  version: string | undefined,
  wanted: Wanted,
): Promise<string | undefined> {
  if (version === undefined) return 'does not report its version';
  if (!satisfies(version, wanted.fits)) return `is ${version}, and ${wanted.fits} is needed`;
  for (const companion of wanted.companions ?? []) {
    if (!(await isExecutable(join(dirname(file), companion)))) return `has no ${companion} beside it`;
  }
  if (wanted.static && (await needsLoader(file)))
    return 'is dynamically linked, so it cannot run in an empty image';
  return undefined;
}

const ELF_PROGRAM_INTERPRETER = 3;

/**
 * Whether a 64-bit little-endian ELF file names a dynamic loader (program header PT_INTERP, elf(5)).
 *
 * @internal Exported for its test, which passes in facts of other machines.
 */
export async function needsLoader(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer: head, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    if (bytesRead < 64 || head.toString('latin1', 0, 4) !== '\x7fELF') return true;
    const offset = Number(head.readBigUInt64LE(32));
    const size = head.readUInt16LE(54);
    const count = head.readUInt16LE(56);
    const { buffer: table } = await handle.read(Buffer.alloc(size * count), 0, size * count, offset);
    return Array.from({ length: count }, (_, index) => table.readUInt32LE(index * size)).includes(
      ELF_PROGRAM_INTERPRETER,
    );
  } finally {
    await handle.close();
  }
}
