import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Header, type HeaderData, Pax } from 'tar';
import { CoppiceError } from '../../core/errors.ts';
import type { Entry } from './layout.ts';

const BLOCK = 512;
/** Every entry dates from the Unix epoch: the same content gives the same bytes. */
const mtime = new Date(0);

/**
 * Writes entries in their order; the same entries and contents give the same bytes. Returns the file's SHA-256 in hex.
 */
export async function writeTar(file: string, entries: readonly Entry[]): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    Readable.from(blocksOf(entries), { objectMode: false }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  return hash.digest('hex');
}

async function* blocksOf(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const size = await sizeOf(entry);
    yield* headOf(entry, size);
    if (entry.kind === 'text') yield Buffer.from(entry.text);
    if (entry.kind === 'copy') yield* contentOf(entry.from, size);
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  }
  // Two empty blocks end an archive.
  yield Buffer.alloc(2 * BLOCK);
}

async function sizeOf(entry: Entry): Promise<number> {
  if (entry.kind === 'text') return Buffer.byteLength(entry.text);
  if (entry.kind === 'copy') return (await stat(entry.from)).size;
  return 0;
}

function* headOf(entry: Entry, size: number): Generator<Buffer> {
  const data: HeaderData = {
    path: entry.kind === 'folder' ? `${entry.path}/` : entry.path,
    type: entry.kind === 'folder' ? 'Directory' : entry.kind === 'link' ? 'SymbolicLink' : 'File',
    mode: entry.kind === 'link' ? 0o777 : entry.mode,
    uid: entry.owner ?? 0,
    gid: entry.owner ?? 0,
    size,
    mtime,
    ...(entry.kind === 'link' ? { linkpath: entry.target } : {}),
  };
  const header = new Header(data);
  const block = Buffer.alloc(BLOCK);
  if (header.encode(block)) yield new Pax({ ...data, mtime }).encode();
  yield block;
}

/** The size is in the archive already, so a file that grows or shrinks now would shift everything behind it. */
async function* contentOf(file: string, size: number): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    read += (chunk as Buffer).length;
    if (read <= size) yield chunk as Buffer;
  }
  if (read !== size) {
    throw new CoppiceError('COPPICE_IMAGE', `${file} changed while it was being copied into an image`, {
      hint: 'run the command again',
    });
  }
}
