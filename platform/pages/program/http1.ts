import {
  createServer,
  type IncomingMessage,
  request as requestOf,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Answer, answerOf } from './answer.ts';
import type { Question, Replies } from './pages.ts';

/** Answers HTTP/1.1, as the gateway speaks it to most services. */
export function http1Server(pages: Replies, routed: boolean): Server {
  const server = createServer((request, response) => {
    handle(pages, routed, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    // Of a client that has gone.
    socket.on('error', () => {});
    handleUpgrade(pages, routed, request, socket, head).catch(() => socket.destroy());
  });
  // The gateway keeps its connections for longer: one that is closed under a request would be a 502.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  return server;
}

async function handle(
  pages: Replies,
  routed: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const question = questionOf(request, routed);
  const reply = await pages.reply(question);
  if (reply.kind === 'pods') {
    const [address = ''] = reply.addresses;
    if (await passOn(request, response, address)) return;
  }
  const page = reply.kind === 'page' ? reply.page : await pages.page(question);
  const { status, headers, body } = answerOf(page, request.headers.accept);
  response.writeHead(status, headers).end(body);
}

function questionOf({ headers, url = '/' }: IncomingMessage, routed: boolean): Question {
  return { authority: headers.host, url, routed };
}

/** Of one connection, not of the message. RFC 9110 7.6.1 */
const ofConnection = /^(connection|keep-alive|proxy-connection)$/i;

/** Names and values by turns, as node has them. */
function forwarded(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, at) => !ofConnection.test(rawHeaders[at - (at % 2)] ?? ''));
}

/** False when nothing answers there; then nothing was sent to the client. */
function passOn(request: IncomingMessage, response: ServerResponse, address: string): Promise<boolean> {
  const { method = 'GET', url: path = '/' } = request;
  return new Promise((resolve, reject) => {
    const target = requestOf({
      ...placeOf(address),
      method,
      path,
      headers: forwarded(request.rawHeaders),
      agent: false,
    });
    target.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, forwarded(answer.rawHeaders));
      pipeline(answer, response).then(() => resolve(true), reject);
    });
    target.on('error', (error) => (response.headersSent ? reject(error) : resolve(false)));
    response.on('close', () => target.destroy());
    request.pipe(target);
  });
}

async function handleUpgrade(
  pages: Replies,
  routed: boolean,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const question = questionOf(request, routed);
  const reply = await pages.reply(question);
  const target = reply.kind === 'pods' ? await connected(reply.addresses[0] ?? '') : undefined;
  if (target === undefined) {
    const page = reply.kind === 'page' ? reply.page : await pages.page(question);
    socket.end(rawAnswer(answerOf(page, request.headers.accept)));
    return;
  }
  target.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines(request.rawHeaders)}\r\n`);
  target.write(head);
  await Promise.all([pipeline(socket, target), pipeline(target, socket)]);
}

/** Undefined when nothing listens there. */
function connected(address: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(placeOf(address));
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** `[fd00::7]:3000` */
function placeOf(address: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`http://${address}`);
  // A URL does not name its scheme's own port.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
}

function lines(rawHeaders: readonly string[]): string {
  return rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
}

function rawAnswer({ status, headers, body }: Answer): Buffer {
  const all = Object.entries({ ...headers, connection: 'close' }).flat();
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines(all)}\r\n`),
    body,
  ]);
}
