import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Stands in for a managed server, which this machine does not have: a real Temporal dev server behind a proxy that
 * requires TLS and an API key or a client certificate. The server is Temporal's own; the proxy and its refusals are
 * ours, in the words of Temporal's frontend ("Request unauthorized.").
 */
export interface StandIn {
  /** `host:port` */
  readonly address: string;
  /** PEM files of two authorities: the proxy's own, and one that it does not know, each with a client. */
  readonly files: Readonly<Record<'ca' | 'otherCa' | 'cert' | 'key' | 'otherCert' | 'otherKey', string>>;
  /** Method and headers of every request to the proxy. */
  readonly asked: IncomingHttpHeaders[];
  readonly close: () => Promise<void>;
}

export interface Door {
  /** The required `authorization`. */
  readonly apiKey?: string;
  /** Whether a certificate of its authority is required. */
  readonly clientCertificate?: boolean;
}

/** Its certificate is for the name `temporal.test`, and for no address. */
export const standInName = 'temporal.test';

/** A proxy for the server at `behind` (`host:port`, plain text), on a free port of 127.0.0.1. */
export async function startStandIn(behind: string, door: Door): Promise<StandIn> {
  const folder = mkdtempSync(join(tmpdir(), 'coppice-stand-in-'));
  const own = authority(folder, 'own');
  const other = authority(folder, 'other');
  const server = signed(folder, 'server', own, `subjectAltName=DNS:${standInName}`);
  const client = signed(folder, 'client', own);
  const stranger = signed(folder, 'stranger', other);
  const inner = connect(`http://${behind}`);
  // A failing request reports the error itself.
  inner.on('error', () => {});
  const outer = createSecureServer({
    key: readFileSync(server.key),
    cert: readFileSync(server.cert),
    ca: readFileSync(own.cert),
    requestCert: door.clientCertificate === true,
    rejectUnauthorized: door.clientCertificate === true,
  });
  const sessions = new Set<ServerHttp2Session>();
  outer.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  const asked: IncomingHttpHeaders[] = [];
  outer.on('stream', (stream, headers) => {
    asked.push(headers);
    stream.on('error', () => {});
    if (door.apiKey !== undefined && headers.authorization !== `Bearer ${door.apiKey}`) refuse(stream);
    else passOn(inner, stream, headers);
  });
  await new Promise<void>((resolve) => outer.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(outer.address() as AddressInfo).port}`,
    files: {
      ca: own.cert,
      otherCa: other.cert,
      cert: client.cert,
      key: client.key,
      otherCert: stranger.cert,
      otherKey: stranger.key,
    },
    asked,
    close: async () => {
      for (const session of sessions) session.destroy();
      inner.destroy();
      await new Promise((resolve) => outer.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

const permissionDenied = '7';

function refuse(stream: ServerHttp2Stream): void {
  const grpc = { 'grpc-status': permissionDenied, 'grpc-message': 'Request unauthorized.' };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...grpc }, { endStream: true });
}

function passOn(inner: ClientHttp2Session, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const { ':method': method, ':path': path, authorization: _, ...rest } = headers;
  const kept = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith(':')));
  const request = inner.request({ ':method': method, ':path': path, ...kept });
  let trailers: IncomingHttpHeaders = {};
  request.on('trailers', (received) => {
    trailers = received;
  });
  request.on('response', (received, flags) => {
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(received, endStream ? { endStream } : { waitForTrailers: true });
    if (!endStream) request.pipe(stream);
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.on('aborted', () => request.close());
  request.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  stream.pipe(request);
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

function authority(folder: string, name: string): Pair {
  const pair = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  openssl('req', '-x509', ...newKey, '-keyout', pair.key, '-out', pair.cert, '-subj', `/CN=${name}`);
  return pair;
}

function signed(folder: string, name: string, by: Pair, extension = 'basicConstraints=CA:FALSE'): Pair {
  const pair = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.ext`);
  writeFileSync(extensions, `${extension}\n`);
  openssl('req', ...newKey, '-keyout', pair.key, '-out', request, '-subj', `/CN=${name}`);
  const whose = ['-CA', by.cert, '-CAkey', by.key, '-CAcreateserial', '-extfile', extensions];
  openssl('x509', '-req', '-in', request, '-out', pair.cert, ...whose);
  return pair;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
