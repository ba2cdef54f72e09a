import {
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { answerOf, grpcAnswer } from './answer.ts';
import type { Question, Replies } from './pages.ts';

/** Answers HTTP/2 without TLS, as the gateway speaks it to services with `protocol: h2c` or `grpc`. */
export function http2Server(pages: Replies): Http2Server {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    handle(pages, stream, headers).catch(() => stream.close());
  });
  server.on('sessionError', () => {});
  return server;
}

async function handle(
  pages: Replies,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const question = questionOf(headers);
  const reply = await pages.reply(question);
  if (reply.kind === 'pods' && (await passOn(stream, headers, reply.addresses[0] ?? ''))) return;
  if (stream.destroyed) return;
  const page = reply.kind === 'page' ? reply.page : await pages.page(question);
  if (headers['content-type']?.startsWith('application/grpc')) {
    const { status, headers: own } = grpcAnswer(page);
    stream.respond({ ':status': status, ...own }, { endStream: true });
    return;
  }
  const { status, headers: own, body } = answerOf(page, headers.accept);
  const bodiless = headers[':method'] === 'HEAD';
  stream.respond({ ':status': status, ...own }, { endStream: bodiless });
  if (!bodiless) stream.end(body);
}

function questionOf({ ':authority': authority, host, ':path': url = '/' }: IncomingHttpHeaders): Question {
  return { authority: authority ?? host, url, routed: true };
}

/** False when nothing answers there; then nothing was sent to the client. */
function passOn(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const failed = () => {
      session.destroy();
      if (stream.headersSent) stream.close();
      resolve(stream.headersSent);
    };
    session.on('error', failed);
    const target = session.request(headers, { endStream: false });
    let trailers: IncomingHttpHeaders = {};
    target.on('trailers', (received) => {
      trailers = received;
    });
    target.on('response', (answered) => {
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.respond(answered, { waitForTrailers: true });
      target.pipe(stream);
      resolve(true);
    });
    target.on('error', failed);
    target.on('close', () => session.close());
    stream.on('close', () => target.close());
    stream.pipe(target);
  });
}
