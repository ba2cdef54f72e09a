import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on loopback in place of a release host. */
export interface ReleaseHost {
  readonly origin: string;
  /** Method and path of every request, in order. */
  readonly requests: string[];
  answer(path: string, how: Buffer | string | Answer): void;
  close(): Promise<void>;
}

export async function releaseHost(): Promise<ReleaseHost> {
  const answers = new Map<string, Answer>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const range = request.headers.range ? ` ${request.headers.range}` : '';
    requests.push(`${request.method} ${request.url}${range}`);
    const answer = answers.get(request.url ?? '');
    if (answer) answer(request, response);
    else response.writeHead(404).end('no such file');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (path, how) => {
      answers.set(path, typeof how === 'function' ? how : (_, response) => void response.end(how));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sends the first part, then closes the connection; sends the rest on a request for a range. */
export function cutOnce(data: Buffer, ranges: boolean): Answer {
  let cut = false;
  return (request, response) => {
    if (!cut) {
      cut = true;
      breakOff(data, response);
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (ranges && from > 0)
      response.writeHead(206, { 'content-length': data.length - from }).end(data.subarray(from));
    else response.writeHead(200, { 'content-length': data.length }).end(data);
  };
}

export function alwaysCut(data: Buffer): Answer {
  return (_, response) => breakOff(data, response);
}

function breakOff(data: Buffer, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': data.length });
  // The end of the connection, not a reset: that would discard what the client has not read yet.
  response.write(data.subarray(0, data.length / 2), () => response.socket?.end());
}
