import { connect } from 'node:net';
import type { Kube } from '../../cluster/kube/client.ts';
import { forwardPort } from '../../cluster/kube/port-forward.ts';

/** What a port speaks: HTTP/1.1, HTTP/2 only, something else, or nothing that it says by itself. */
export type Spoken = 'http' | 'http2' | 'other' | 'silent';

const PATIENCE_MS = 2_000;
/** Enough for the first line of HTTP/1.1 and the first frame of HTTP/2. */
const ENOUGH = 9;
const settingsFrame = 4;

const plainQuestion = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
/**
 * The preface of HTTP/2 with empty settings (RFC 9113, 3.4). A server of HTTP/1.1 refuses it at once with 400 or 505,
 * also while the page itself is slow.
 */
const http2Question = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, settingsFrame, 0, 0, 0, 0, 0]),
]);

/**
 * Asks a service's port, through the API server. Undefined when it cannot be reached.
 */
export async function spokenBy(
  kube: Kube,
  where: { readonly namespace: string; readonly service: string },
): Promise<Spoken | undefined> {
  const { namespace, service: name } = where;
  try {
    const { spec } = await kube.core.readNamespacedService({ namespace, name });
    const port = spec?.ports?.[0]?.port;
    if (port === undefined) return undefined;
    const forwarded = await forwardPort(kube, { namespace, service: name, port, patienceMs: PATIENCE_MS });
    try {
      return await spokenAt(forwarded.port);
    } finally {
      await forwarded.close();
    }
  } catch {
    // What is wrong with the service itself is said by others.
    return undefined;
  }
}

/**
 * What a port of 127.0.0.1 speaks. Takes up to 4 s where nothing answers.
 *
 * @internal Its test has servers of its own.
 */
export async function spokenAt(port: number): Promise<Spoken> {
  const first = recognize(await firstBytes(port, plainQuestion));
  if (first !== 'silent') return first;
  return recognize(await firstBytes(port, http2Question));
}

function recognize(answer: Buffer): Spoken {
  if (answer.length === 0) return 'silent';
  if (answer.toString('latin1').startsWith('HTTP/')) return 'http';
  return answer.length >= ENOUGH && answer[3] === settingsFrame && answer.readUIntBE(0, 3) < 2 ** 14
    ? 'http2'
    : 'other';
}

/** What arrives until that is enough, the connection ends or it has been silent for too long. */
function firstBytes(port: number, question: string | Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(question));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (data) => {
      seen = Buffer.concat([seen, data]);
      if (seen.length >= ENOUGH) socket.destroy();
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(seen));
  });
}
