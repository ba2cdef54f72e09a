import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, posix, relative } from 'node:path';
import { sha256OfFile } from '../../core/files.ts';
import { sha256 } from '../../core/hash.ts';
import type { FileDigest } from '../plan/environment-plan.ts';
import type { Path } from '../yaml/data.ts';
import type { Finding } from '../yaml/document.ts';
import { filesOfDumpFolder } from './dump-folder.ts';
import { filesMatching } from './matching.ts';

/** Digests of files that are too big to be read each time. */
export interface DigestCache {
  read(key: string): Promise<string | undefined>;
  write(key: string, sha256: string): Promise<void>;
}

/** Files of at least this size are looked up by path, size and modification time. */
const bigBytes = 4 * 2 ** 20;

/** Reads files below one folder and collects the problems with them. */
export class FileReading {
  readonly findings: Finding[] = [];
  readonly folder: string;
  private readonly cache: DigestCache | undefined;

  constructor(folder: string, cache: DigestCache | undefined) {
    this.folder = folder;
    this.cache = cache;
  }

  async matching(patterns: readonly string[], at: Path): Promise<string[]> {
    const found = await Promise.all(
      patterns.map(async (pattern, index) => {
        const files = await filesMatching(this.folder, [pattern]);
        if (files.length === 0)
          this.say(
            [...at, index],
            `no file here matches ${pattern}`,
            'list the folder with `ls`; paths are relative to this file',
          );
        return files;
      }),
    );
    return [...new Set(found.flat())].sort();
  }

  /** Those that are files below the folder; the other words of a command are something else. */
  async present(paths: readonly string[]): Promise<string[]> {
    const files = await Promise.all(
      [...new Set(paths)].map(async (path) => ((await this.isFile(path)) ? [path] : [])),
    );
    return files.flat().sort();
  }

  /** The text of a small file; empty for one that cannot be read or is big. */
  async text(path: string): Promise<string> {
    const file = this.absolute(path);
    const { size } = await stat(file).catch(() => ({ size: Number.POSITIVE_INFINITY }));
    return size < bigBytes ? readFile(file, 'utf8').catch(() => '') : '';
  }

  async digests(paths: readonly string[], at: Path): Promise<FileDigest[]> {
    const found = await Promise.all(paths.map((path) => this.digest(path, at)));
    return found.flatMap((digest) => digest ?? []);
  }

  /** Of a dump, which may be a folder that pg_dump wrote. */
  async digestOfDump(path: string, at: Path): Promise<FileDigest | undefined> {
    const isFolder = (await filesOfDumpFolder(this.absolute(path))) !== undefined;
    return isFolder ? this.digestOfPresent(path, at) : this.digest(path, at);
  }

  private async digest(path: string, at: Path): Promise<FileDigest | undefined> {
    if (await this.isFile(path)) return this.digestOfPresent(path, at);
    this.say(at, ...(await this.whyNoFile(path)));
    return undefined;
  }

  private async digestOfPresent(path: string, at: Path): Promise<FileDigest | undefined> {
    const file = this.absolute(path);
    if (!isAbsolute(path) && leadsOut(this.folder, await realpath(file))) {
      this.say(
        at,
        `${path} leads out of this folder`,
        'keep the file itself in this folder: pods see nothing else',
      );
      return undefined;
    }
    return {
      path: isAbsolute(path) ? path : withoutSlash(posix.normalize(path)),
      sha256: await digestOf(file, this.cache),
    };
  }

  /** Message and hint. */
  private async whyNoFile(path: string): Promise<[string, string]> {
    const names = await readdir(this.absolute(path)).catch(() => undefined);
    if (names === undefined)
      return [`there is no file ${path}`, 'paths are relative to the folder of this file'];
    return [`${path} is a directory, and not a file`, 'name a file in it'];
  }

  private async isFile(path: string): Promise<boolean> {
    return stat(this.absolute(path)).then(
      (found) => found.isFile(),
      () => false,
    );
  }

  private absolute(path: string): string {
    return isAbsolute(path) ? path : join(this.folder, path);
  }

  private say(path: Path, message: string, hint: string): void {
    this.findings.push({ path, at: 'value', message, hint });
  }
}

/** Hash of a file's bytes, or of the names and bytes of a dump's folder: 64 hexadecimal digits. */
export async function digestOf(file: string, cache?: DigestCache): Promise<string> {
  const found = await stat(file);
  const parts = found.isDirectory() ? await filesOfDumpFolder(file) : undefined;
  return parts ? digestOfParts(parts, cache) : digestOfFile(file, found, cache);
}

async function digestOfParts(files: readonly string[], cache: DigestCache | undefined): Promise<string> {
  const lines: string[] = [];
  for (const file of files) lines.push(`${basename(file)} ${await digestOf(file, cache)}`);
  return sha256(lines.join('\n'));
}

async function digestOfFile(
  file: string,
  { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number },
  cache: DigestCache | undefined,
): Promise<string> {
  if (size < bigBytes) return sha256OfFile(file);
  const key = `${file}\n${size}\n${mtimeMs}`;
  const known = await cache?.read(key);
  if (known !== undefined) return known;
  const sha256 = await sha256OfFile(file);
  await cache?.write(key, sha256);
  return sha256;
}

function leadsOut(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path.startsWith('../') || isAbsolute(path);
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
