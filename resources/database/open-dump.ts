import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { start } from '../../core/run.ts';
import { dumpsFolder } from '../../core/state/dumps.ts';
import type { DumpText } from '../../servers/postgres/types.ts';
import type { DatabaseInputs } from './contract.ts';
import { fileOf } from './texts.ts';

/** Makes a text of an archive: `from`, a file or folder, and `to` are absolute paths on this machine. */
export type ReadArchive = (from: string, to: string) => Promise<void>;

type Format = 'text' | 'archive' | 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'lz4' | 'zip';

/** What a file of this format begins with. */
const beginnings: readonly (readonly [Format, number, string])[] = [
  ['archive', 0, '5047444d50'],
  ['gzip', 0, '1f8b'],
  ['zstd', 0, '28b52ffd'],
  ['xz', 0, 'fd377a585a00'],
  ['bzip2', 0, '425a68'],
  ['lz4', 0, '04224d18'],
  ['zip', 0, '504b0304'],
  // The archive of `pg_dump --format=tar`.
  ['archive', 257, '7573746172'],
];

/** Opens the dump of a database as text. Throws COPPICE_DUMP, and what reading an archive throws. */
export async function openDump(
  { app, folder, database }: DatabaseInputs,
  readArchive: ReadArchive,
  signal: AbortSignal,
): Promise<DumpText> {
  const { from } = database;
  if (!from) throw new Error(`the plan of ${database.name} has no dump`);
  const { path } = from.dump;
  const file = await realpath(fileOf(folder, from.dump));
  const format = await formatOf(file);
  if (format === 'archive') return archiveText(app, path, file, readArchive);
  const chunks = plainText(file, path, format, signal);
  if (format === 'text') return { path, origin: 'text', chunks, close: async () => undefined };
  const begun = await withBeginning(chunks);
  if (formatIn(begun.beginning) === 'archive')
    return compressedArchiveText(app, path, begun.chunks, readArchive);
  return { path, origin: 'text', chunks: begun.chunks, close: begun.close };
}

/** So many bytes tell every format. */
const beginningBytes = 262;

/** The first bytes, and all of them. */
async function withBeginning(source: AsyncIterable<Buffer>): Promise<{
  readonly beginning: Buffer;
  readonly chunks: AsyncIterable<Buffer>;
  readonly close: () => Promise<void>;
}> {
  const rest = source[Symbol.asyncIterator]();
  let beginning = Buffer.alloc(0);
  while (beginning.length < beginningBytes) {
    const { done, value } = await rest.next();
    if (done) break;
    beginning = Buffer.concat([beginning, value]);
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield beginning;
      for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
    } finally {
      await rest.return?.();
    }
  }
  return { beginning, chunks: chunks(), close: async () => void (await rest.return?.()) };
}

async function formatOf(file: string): Promise<Format> {
  // The plan has no other folder than one that pg_dump wrote.
  if ((await stat(file)).isDirectory()) return 'archive';
  const begin = Buffer.alloc(beginningBytes);
  const handle = await open(file);
  await handle.read(begin, 0, begin.length, 0).finally(() => handle.close());
  return formatIn(begin);
}

function formatIn(begin: Buffer): Format {
  const found = beginnings.find(([, at, bytes]) => begin.subarray(at).toString('hex').startsWith(bytes));
  return found?.[0] ?? 'text';
}

/** The text has real rows: only the user can read it, and it is deleted after the restore. */
async function archiveText(app: string, path: string, file: string, read: ReadArchive): Promise<DumpText> {
  const text = await privateFile(app, 'sql.gz');
  const close = () => rm(text, { force: true });
  try {
    await read(file, text);
  } catch (error) {
    await close();
    throw error;
  }
  return { path, origin: 'archive', chunks: unzipped(text, path), close };
}

/** An archive that was compressed once more, as by `pg_dump --format=custom | gzip`. */
async function compressedArchiveText(
  app: string,
  path: string,
  chunks: AsyncIterable<Buffer>,
  read: ReadArchive,
): Promise<DumpText> {
  const archive = await privateFile(app, 'archive');
  try {
    await pipeline(chunks, createWriteStream(archive, { mode: 0o600 }));
    return await archiveText(app, path, archive, read);
  } finally {
    await rm(archive, { force: true });
  }
}

async function privateFile(app: string, extension: string): Promise<string> {
  const folder = join(dumpsFolder(), app);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeAbandoned(folder);
  return join(folder, `restore-${randomBytes(5).toString('hex')}.${extension}`);
}

/** Left by a process that was killed: no restore takes a day. */
async function removeAbandoned(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('restore-'));
  for (const name of names) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > 24 * 3_600_000) await rm(file, { force: true });
  }
}

function plainText(
  file: string,
  path: string,
  format: Exclude<Format, 'archive'>,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  switch (format) {
    case 'text':
      return createReadStream(file);
    case 'gzip':
      return unzipped(file, path);
    case 'zip':
      throw dumpError(path, 'it is a zip file', 'unpack it, and name the file in it');
    default:
      return throughProgram(format, file, path, signal);
  }
}

async function* unzipped(file: string, path: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const unzip: Readable = source.pipe(createGunzip());
  source.once('error', (error) => unzip.destroy(error));
  try {
    for await (const chunk of unzip) yield chunk as Buffer;
  } catch (error) {
    throw dumpError(path, `gzip data is damaged or cut short: ${messageOf(error)}`, 'copy the file again');
  } finally {
    source.destroy();
  }
}

/** Node 20 reads none of these itself. */
async function* throughProgram(
  program: 'zstd' | 'xz' | 'bzip2' | 'lz4',
  file: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const child = start(program, ['-d', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = `${output}${text}`.slice(-2_000);
  });
  const ended = new Promise<number | null | Error>((resolve) => {
    child.once('error', resolve).once('close', resolve);
  });
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const end = await ended;
    if (end instanceof Error)
      throw dumpError(
        path,
        `it is compressed by ${program}, and this machine has no program ${program}`,
        `install ${program}, or decompress the file`,
      );
    if (end !== 0) throw dumpError(path, `${program} failed: ${output.trim()}`, 'copy the file again');
  } finally {
    child.stdout.destroy();
    child.kill();
  }
}

function dumpError(path: string, why: string, hint: string): CoppiceError {
  return new CoppiceError('COPPICE_DUMP', `the dump ${path} cannot be read: ${why}`, { hint });
}
