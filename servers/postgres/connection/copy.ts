import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type Client, Query } from 'pg';

/** What pg's Connection has besides its published types. */
interface CopyConnection {
  readonly stream: Socket;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** A COPY FROM stdin; pg itself refuses to send rows. */
class CopyIn extends Query {
  // Not `rows`, which pg takes for a limit.
  private readonly data: AsyncIterable<Buffer>;
  private refused = false;
  /** Why the rows could not be read to their end. */
  broken: unknown;

  constructor(sql: string, rows: AsyncIterable<Buffer>, ended: (error: Error | undefined) => void) {
    super(sql, (error) => {
      this.refused ||= Boolean(error);
      ended(error ?? undefined);
    });
    this.data = rows;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.send(connection).catch((error: unknown) => {
      this.broken = error;
      connection.sendCopyFail('the rows have no end');
    });
  }

  private async send(connection: CopyConnection): Promise<void> {
    const { stream } = connection;
    for await (const rows of this.data) {
      // The server drops what comes after its error.
      if (this.refused || stream.destroyed) return;
      connection.sendCopyFromChunk(rows);
      if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    }
    if (!this.refused) connection.endCopyFrom();
  }
}

/**
 * Sends the rows of one COPY. Throws what reading the rows throws, as it is: it says nothing about the server, whose
 * errors `refusal` translates.
 */
export async function copyIn(
  client: Client,
  sql: string,
  rows: AsyncIterable<Buffer>,
  refusal: (error: unknown) => unknown,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const copy: CopyIn = new CopyIn(sql, rows, (error) => {
      if (error) reject(copy.broken ?? refusal(error));
      else resolve();
    });
    client.query(copy);
  });
}
