import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, kubectl, Repository, startWt, testFolder, wt, wtOk } from './harness.ts';

const spec = `version: 1
name: road
services:
  web: { runtime: node, command: [node, --watch, web.cjs], port: 3000, primary: true }
  files: { runtime: node, command: [node, web.cjs], port: 5000 }
  wire: { runtime: node, command: [node, wire.cjs], port: 4000, paths: [/img] }
  rpc: { runtime: node, command: [node, rpc.cjs], port: 9000, protocol: grpc }
  cache: { runtime: node, command: [node, cache.cjs], port: 6379 }
`;
const files = {
  'web.cjs': `const save = 0;
require('node:http').createServer((request, response) => {
  let bytes = 0;
  request.on('data', (part) => (bytes += part.length));
  request.on('end', () => response.end(request.url === '/save' ? 'save ' + save : 'got ' + bytes));
}).listen(process.env.PORT, process.env.HOST);
`,
  // Shows the bytes that it got, which a server of HTTP would have interpreted: the first line, a forwarded header, or all.
  'wire.cjs': `require('node:net').createServer((socket) => {
  let got = '';
  socket.on('error', () => {});
  socket.setEncoding('latin1').on('data', (data) => {
    got += data;
    const end = got.indexOf('\\r\\n\\r\\n');
    const head = got.slice(0, end);
    const length = Number(/^content-length: (\\d+)/im.exec(head)?.[1] ?? 0);
    const chunked = /^transfer-encoding: chunked/im.test(head);
    if (end < 0 || got.length < end + 4 + length || (chunked && !got.endsWith('\\r\\n0\\r\\n\\r\\n'))) return;
    const [first, ...headers] = head.split('\\r\\n');
    const forwarded = headers.find((header) => /^x-forwarded-proto:/i.test(header)) ?? '';
    const said = /^x-echo:/im.test(head) ? got : first.includes('/forwarded') ? forwarded : first;
    const body = Buffer.from(said, 'latin1');
    socket.write('HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n');
    socket.end(body);
  });
}).listen(process.env.PORT, process.env.HOST);
`,
  'rpc.cjs': `const server = require('node:http2').createServer();
server.on('stream', (stream, headers) => {
  stream.respond({ ':status': 200 });
  stream.end('called ' + headers[':path']);
});
server.on('sessionError', () => {});
server.listen(Number(process.env.PORT), process.env.HOST);
`,
  'cache.cjs': `require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', (data) => (String(data) === 'PING\\r\\n' ? socket.write('+PONG\\r\\n') : socket.destroy()));
}).listen(process.env.PORT, process.env.HOST);
`,
};
const host = 'main.road.localhost';
/** Beyond Traefik's default limit of 60 s for a request. */
const UPLOAD_SECONDS = 63;

let repository: Repository;
let upload: Promise<string>;

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  repository = new Repository({ spec });
  for (const [name, text] of Object.entries(files)) repository.write(name, text);
  await wtOk(['up'], { cwd: repository.top });
  // Beside the other tests, as most of it is waiting.
  upload = uploadSlowly(`files.${host}`, UPLOAD_SECONDS);
});

afterAll(async () => {
  await wt(['down'], { cwd: repository.top });
  repository.remove();
});

test.each(['/img/a//b', '/img/https://example.com/a.png', '/img/../x', '/img/%2Fa?q=//b', '/img/a%20b'])(
  '%s arrives as it was sent, under a path and under its own host',
  async (path) => {
    expect(await answered(host, path)).toBe(`GET ${path} HTTP/1.1`);
    expect(await answered(`wire.${host}`, path)).toBe(`GET ${path} HTTP/1.1`);
  },
);

test('a semicolon in a query does not separate values', async () => {
  expect(await answered(host, '/img?x=1;y=2')).toBe('GET /img?x=1%3By=2 HTTP/1.1');
});

describe('what arrives at a service is what it gets from a client without the gateway', () => {
  let pod: string;
  beforeAll(async () => {
    const jsonpath = 'jsonpath={.items[0].status.podIP}';
    const wire = ['pods', '-l', 'coppice.dev/service=wire', '-o', jsonpath];
    pod = await kubectl('-n', 'wt-road--main', 'get', ...wire);
  });

  const paths = [
    '/a+b?c+d=e+f',
    '/a%2Fb%00%25%5C?',
    "/a@b:c!$&'()*,=;d[e]",
    '/a?x[]=1&x[]=2&&=',
    '/a?x={y}|^`"<>\\',
    '/a?b=%2e%2e%2f%zz%',
    '/a?at=/../b#c',
    '//a/./../%C3%A9~',
    `/${'x'.repeat(8_000)}`,
  ];
  const methods = ['HEAD', 'OPTIONS', 'TRACE', 'DELETE', 'PROPFIND', 'M-SEARCH', 'FOO', 'get'];
  const length = 'Content-Length: 5\r\n\r\nhello';
  const chunked = 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  const headers = {
    'several of one name': 'X-Many: 1\r\nX-Many: 2\r\nCookie: a=1\r\nCookie: b=2\r\nAccept: a\r\nAccept: b',
    'of other proxies': 'Forwarded: for=192.0.2.1\r\nVia: 1.1 other\r\nX-Request-Id: 7',
    'of caches and ranges':
      'Range: bytes=0-3\r\nIf-None-Match: "x"\r\nIf-Range: "x"\r\nCache-Control: no-store',
    'of a browser':
      'Origin: http://x.localhost\r\nReferer: http://y/\r\nSec-Fetch-Mode: cors\r\nAuthorization: Basic YTpi',
    'of unusual names': 'X_under: 1\r\nX.dot: 2\r\nX-Empty: \r\nX-Utf: \u00c3\u00a9',
    'that are long': `X-Long: ${'y'.repeat(60_000)}`,
  };
  const all: [name: string, request: string][] = [
    ...paths.map((path): [string, string] => [path.slice(0, 40), requestOf('GET', path)]),
    ...methods.map((method): [string, string] => [method, requestOf(method, '/a')]),
    ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'OPTIONS'].flatMap((method): [string, string][] => [
      [`${method} with a body`, requestOf(method, '/b', length)],
      [`${method} in chunks`, requestOf(method, '/b', chunked)],
    ]),
    ...Object.entries(headers).map(([name, lines]): [string, string] => [
      `headers ${name}`,
      requestOf('GET', '/c', `${lines}\r\n\r\n`),
    ]),
  ];
  test.each(all)('%s', async (_, request) => {
    const direct = await echoed(pod, 4000, request);
    expect(direct).not.toEqual([]);
    expect(await echoed('127.0.0.1', 80, request)).toEqual(direct);
  });

  test.each([
    ['/%2e%2E/%7E%41', '/../~A'],
    ['/%2f%c3%a9', '/%2F%C3%A9'],
    ['/\u00c3\u00a9', '/%C3%A9'],
    ['/a\\b|c"d<e>f^g`h{i}', '/a%5Cb%7Cc%22d%3Ce%3Ef%5Eg%60h%7Bi%7D'],
    [`http://wire.${host}/a//b`, '/a//b'],
  ])('only that %s is written as %s, which means the same', async (sent, arrived) => {
    const direct = await echoed(pod, 4000, requestOf('GET', arrived));
    expect(await echoed('127.0.0.1', 80, requestOf('GET', sent))).toEqual(direct);
  });
});

test('a service of gRPC is reached by HTTP/1.1 too', async () => {
  expect(await answered(`rpc.${host}`, '/shop.Products/List')).toBe('called /shop.Products/List');
});

test('a service of tcp has no URL, and answers at a port of this machine until Ctrl+C', async () => {
  const { code, stderr } = await wt(['open', 'cache'], { cwd: repository.top });
  expect([code, stderr]).toEqual([1, expect.stringContaining('wt forward cache')]);
  const forwarding = startWt(['forward', 'cache', '16379', '--json'], { cwd: repository.top });
  await forwarding.seen(/"port":16379/);
  expect(await pong(16379)).toBe('+PONG\r\n');
  forwarding.kill('SIGINT');
  expect((await forwarding.ended).code).toBe(0);
});

test('requests wait while node --watch restarts the service after a save', async () => {
  const file = join(repository.top, 'web.cjs');
  const saves = 3;
  const failed: string[] = [];
  for (let save = 1; save <= saves; save += 1) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/save = \d+/, `save = ${save}`));
    let isRestarted = false;
    const oneAfterTheOther = async (method: string) => {
      while (!isRestarted) {
        const answer = await answered(host, '/', method).catch(String);
        if (answer !== 'got 0') failed.push(answer);
      }
    };
    const sending = ['GET', 'POST'].map(oneAfterTheOther);
    await eventually(
      'the new process answers',
      async () => (await answered(host, '/save')) === `save ${save}` || undefined,
    ).finally(() => {
      isRestarted = true;
    });
    await Promise.all(sending);
  }
  // One that the process was answering when it ended may fail; without the retry all fail until the next one listens.
  expect(failed.length, failed.join('\n')).toBeLessThanOrEqual(saves * 2);
});

test('requests go on to be answered while a service gets a new pod', async () => {
  const sent: Promise<string>[] = [];
  const sending = setInterval(() => sent.push(answered(`wire.${host}`, '/', 'POST').catch(String)), 20);
  try {
    await wtOk(['restart', 'wire'], { cwd: repository.top });
  } finally {
    clearInterval(sending);
  }
  const failed = (await Promise.all(sent)).filter((answer) => answer !== 'POST / HTTP/1.1');
  // Without the moment in which the old pod goes on serving it is 15 and more.
  expect(failed.length, failed.join('\n')).toBeLessThanOrEqual(5);
});

test('an upload may take longer than a minute', async () => {
  expect(await upload).toBe('got 63');
});

test('what a tunnel says of the scheme is replaced, and kept when the settings say so', async () => {
  const settings = join(testFolder(), 'config', 'coppice', 'config.yaml');
  const before = readFileSync(settings, 'utf8');
  const forwarded = () => answered(host, '/img/forwarded', 'GET', { 'x-forwarded-proto': 'https' });
  expect(await forwarded()).toBe('X-Forwarded-Proto: http');
  writeFileSync(settings, `${before}gateway: { trustForwardedHeaders: true }\n`);
  try {
    await wtOk(['platform', 'up']);
    await eventually('the scheme of the tunnel', async () =>
      (await forwarded().catch(() => '')) === 'X-Forwarded-Proto: https' ? true : undefined,
    );
  } finally {
    writeFileSync(settings, before);
    await wtOk(['platform', 'up']);
  }
});

function requestOf(method: string, path: string, rest = '\r\n'): string {
  const headers = `Host: wire.${host}\r\nUser-Agent: t\r\nAccept-Encoding: identity\r\nX-Echo: 1\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${headers}${rest}`;
}

/**
 * The lines of a request as `wire` got them, without what the gateway is known to add; header names in lower case, as
 * they are equal whatever their case, and sorted. An answer to HEAD has no body.
 */
async function echoed(address: string, port: number, request: string): Promise<string[]> {
  const answer = await new Promise<string>((resolve, reject) => {
    let got = '';
    const socket = connect(port, address, () => socket.write(request, 'latin1'));
    const complete = () => {
      const [head = '', body = ''] = got.split(/\r\n\r\n(.*)/s);
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      if (!got.includes('\r\n\r\n') || (body.length < length && !request.startsWith('HEAD '))) return;
      socket.destroy();
      resolve(request.startsWith('HEAD ') ? `length ${length > 0}` : body);
    };
    socket.setEncoding('latin1').on('data', (data) => {
      got += data;
      complete();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(got.slice(0, 200))}`)));
  });
  const [head = '', body = ''] = answer.split(/\r\n\r\n(.*)/s);
  const [first = '', ...headers] = head.split('\r\n');
  const names = headers.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
  return [first, ...names.filter((line) => !/^(x-forwarded-|x-real-ip)/.test(line)).sort(), body];
}

async function answered(
  to: string,
  path: string,
  method = 'GET',
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: to, ...more };
    const options = { host: '127.0.0.1', port: 80, headers, path, method, agent: false };
    const request = http.request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part) => {
        body += part;
      });
      response.on('end', () => resolve(body));
    });
    // A connection to a pod that is gone is given up after two minutes, unless the gateway has a limit of its own.
    request.setTimeout(100_000, () => request.destroy(new Error('no answer in 100 s')));
    request.on('error', reject);
    request.end();
  });
}

/** One byte a second. */
function uploadSlowly(to: string, bytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: 80, headers: { host: to }, method: 'POST', agent: false };
    const request = http.request(options, (response) => {
      response.setEncoding('utf8').on('data', (body) => resolve(`${body}`));
    });
    request.on('error', reject);
    let sent = 0;
    const ticking = setInterval(() => {
      sent += 1;
      if (sent < bytes) return void request.write('x');
      clearInterval(ticking);
      request.end('x');
    }, 1_000);
  });
}

function pong(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // As `printf | nc -N` does: everything is sent, and the answer is still to come.
    const socket = connect(port, '127.0.0.1', () => socket.end('PING\r\n'));
    socket.on('error', reject);
    socket.on('data', (data) => {
      resolve(String(data));
      socket.destroy();
    });
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}
