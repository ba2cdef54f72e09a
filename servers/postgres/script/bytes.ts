const newline = 10;
const nothing = Buffer.alloc(0);

/** The data of a COPY ended without `\.`. */
export class UnendedCopy extends Error {}

/** Bytes as they come, read line by line, or as the rows of a COPY. */
export class ScriptBytes {
  /** Number of the line that was read last, from 1. */
  line = 0;
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = nothing;
  private ended = false;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next line with its newline, if it has one; undefined at the end. */
  async nextLine(): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    while (this.rest.length > 0 || (await this.more())) {
      const end = this.rest.indexOf(newline);
      parts.push(this.take(end === -1 ? this.rest.length : end + 1));
      if (end !== -1) break;
    }
    if (parts.length === 0) return undefined;
    this.line += 1;
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  /** The rows up to the line `\.`, which is consumed. Throws UnendedCopy where there is none. */
  async *rows(): AsyncGenerator<Buffer> {
    let fresh = true;
    while (this.rest.length > 0 || (await this.more())) {
      const end = endOfRows(this.rest, fresh);
      if (end !== undefined) {
        if (end > 0) yield this.counted(this.take(end));
        await this.nextLine();
        return;
      }
      const held = beginningOfEnd(this.rest, fresh);
      if (held < this.rest.length) {
        const rows = this.counted(this.take(this.rest.length - held));
        fresh = rows[rows.length - 1] === newline;
        yield rows;
      }
      if (held > 0 && !(await this.more())) {
        if (!isEnd(this.rest)) break;
        await this.nextLine();
        return;
      }
    }
    throw new UnendedCopy();
  }

  private take(length: number): Buffer {
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }

  private async more(): Promise<boolean> {
    while (!this.ended) {
      const { done, value } = await this.chunks.next();
      if (done) this.ended = true;
      else if (value.length > 0) {
        this.rest = this.rest.length === 0 ? value : Buffer.concat([this.rest, value]);
        return true;
      }
    }
    return false;
  }

  private counted(rows: Buffer): Buffer {
    for (let at = rows.indexOf(newline); at !== -1; at = rows.indexOf(newline, at + 1)) this.line += 1;
    return rows;
  }
}

/** Where the line `\.` begins; undefined when these bytes have no such line, or not all of it. */
function endOfRows(bytes: Buffer, fresh: boolean): number | undefined {
  for (let at = bytes.indexOf('\\.'); at !== -1; at = bytes.indexOf('\\.', at + 1)) {
    if (!(at === 0 ? fresh : bytes[at - 1] === newline)) continue;
    const end = bytes.indexOf(newline, at);
    if (end !== -1 && isEnd(bytes.subarray(at, end))) return at;
  }
  return undefined;
}

/** How many of the last bytes may be the beginning of the line `\.`. */
function beginningOfEnd(bytes: Buffer, fresh: boolean): number {
  const begin = bytes.lastIndexOf(newline) + 1;
  if (begin === 0 && !fresh) return 0;
  const last = bytes.length - begin;
  return last <= 3 && '\\.\r'.startsWith(bytes.toString('latin1', begin)) ? last : 0;
}

function isEnd(line: Buffer): boolean {
  return line.length <= 4 && /^\\\.\r?\n?$/.test(line.toString('latin1'));
}
