import http from 'node:http';
import http2 from 'node:http2';
import { type AddressInfo, connect, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { http1Server } from '../../../../platform/pages/program/http1.ts';
import { http2Server } from '../../../../platform/pages/program/http2.ts';
import type { Page } from '../../../../platform/pages/program/page.ts';
import type { Replies, Reply } from '../../../../platform/pages/program/pages.ts';

const page: Page = {
  kind: 'starting',
  status: 503,
  title: 'shop/b: web does not answer yet',
  facts: [],
  commands: [],
  lists: [],
  json: {},
  retryAfter: 1,
};
let reply: Reply;
const replies: Replies = { reply: async () => reply, page: async () => page };

const servers: Server[] = [];
const portOf = (server: Server) => (server.address() as AddressInfo).port;
async function listening<S extends Server>(server: S): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return portOf(server);
}
const pods = (port: number): Reply => ({ kind: 'pods', addresses: [`127.0.0.1:${port}`] });

let front: number;
let front2: number;
let app: number;
let app2: number;

beforeAll(async () => {
  front = await listening(http1Server(replies, true));
  front2 = await listening(http2Server(replies) as unknown as Server);
  const plain = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      response.writeHead(418, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
      response.end(`${request.method} ${request.url} ${request.headers.host} ${body}`);
    });
  });
  plain.on('upgrade', (_, socket, head) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.write(head);
    socket.pipe(socket);
  });
  app = await listening(plain);
  const rpc = http2.createServer();
  rpc.on('stream', (stream, headers) => {
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond({ ':status': 200, 'x-path': headers[':path'] }, { waitForTrailers: true });
    stream.pipe(stream);
  });
  app2 = await listening(rpc as unknown as Server);
});
afterAll(() => {
  for (const server of servers) server.close();
});

interface Got {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

function ask(method: string, sent = ''): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { port: front, host: '127.0.0.1', method, path: '/a//b?x=;', agent: false };
    const request = http.request({ ...options, headers: { host: 'b.shop.localhost' } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    request.on('error', reject);
    request.end(sent);
  });
}

/** Everything that comes back for the bytes, as soon as it matches. */
function raw(sent: string, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(front, '127.0.0.1', () => socket.write(sent));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`only: ${got}`)));
    socket.on('data', (data) => {
      got += data;
      if (!until.test(got)) return;
      resolve(got);
      socket.destroy();
    });
  });
}

describe('with HTTP/1.1', () => {
  test('a request and its answer pass unchanged, also an error of the app', async () => {
    reply = pods(app);
    const { status, headers, body } = await ask('POST', 'hello');
    expect([status, body]).toEqual([418, 'POST /a//b?x=; b.shop.localhost hello']);
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers).not.toHaveProperty('x-coppice-page');
  });

  test('a page comes where nothing listens at the pod', async () => {
    reply = pods(1);
    const { status, headers } = await ask('POST', 'hello');
    expect([status, headers['x-coppice-page']]).toEqual([503, 'starting']);
  });

  test('HEAD gets the headers of the page alone', async () => {
    reply = { kind: 'page', page };
    const { status, headers, body } = await ask('HEAD');
    expect([status, body]).toEqual([503, '']);
    expect(Number(headers['content-length'])).toBeGreaterThan(10);
  });

  const upgrade = 'GET /ws HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n';

  test('a WebSocket passes both ways', async () => {
    reply = pods(app);
    expect(await raw(`${upgrade}ping`, /ping$/)).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\nping$/s);
  });

  test('a WebSocket to nowhere gets the page', async () => {
    for (const where of [{ kind: 'page', page } as const, pods(1)]) {
      reply = where;
      expect(await raw(upgrade, /answer yet/)).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    }
  });
});

describe('with HTTP/2', () => {
  interface Called {
    readonly headers: http2.IncomingHttpHeaders;
    readonly trailers: http2.IncomingHttpHeaders;
    readonly body: string;
  }

  async function call(sent: string, more: http2.OutgoingHttpHeaders = {}): Promise<Called> {
    const session = http2.connect(`http://127.0.0.1:${front2}`);
    try {
      return await new Promise((resolve, reject) => {
        session.on('error', reject);
        const stream = session.request({ ':method': 'POST', ':path': '/pkg.Service/Call', ...more });
        let headers: http2.IncomingHttpHeaders = {};
        let trailers: http2.IncomingHttpHeaders = {};
        let body = '';
        stream.on('response', (received) => {
          headers = received;
        });
        stream.on('trailers', (received) => {
          trailers = received;
        });
        stream.on('data', (part) => {
          body += part;
        });
        stream.on('end', () => resolve({ headers, trailers, body }));
        stream.on('error', reject);
        stream.end(sent);
      });
    } finally {
      session.close();
    }
  }

  test('a call, its answer and its trailers pass', async () => {
    reply = pods(app2);
    const { headers, trailers, body } = await call('bytes');
    expect([headers[':status'], headers['x-path'], body]).toEqual([200, '/pkg.Service/Call', 'bytes']);
    expect(trailers['grpc-status']).toBe('0');
  });

  test.each([
    ['nowhere', { kind: 'page', page } as const],
    ['a pod where nothing listens', pods(1)],
  ])('a call of gRPC to %s is UNAVAILABLE, any other gets the page', async (_, where) => {
    reply = where;
    const { headers } = await call('', { 'content-type': 'application/grpc+proto' });
    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '14', 'grpc-message': page.title });
    const other = await call('');
    expect([other.headers[':status'], other.headers['x-coppice-page']]).toEqual([503, 'starting']);
    expect(other.body).toContain(page.title);
  });
});
