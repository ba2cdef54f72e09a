import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type Spoken, spokenAt } from '../../../../resources/ready/speaks.ts';

const answering = (answer: string | undefined) =>
  createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => (answer === undefined ? undefined : socket.end(answer)));
  });
const closing = () => createServer((socket) => socket.on('error', () => {}).on('data', () => socket.end()));
const slowPage = () => createHttpServer(() => {});
const http2Only = () => createHttp2Server().on('sessionError', () => {});

test.each<[string, () => Server, Spoken]>([
  ['a page', () => createHttpServer((_request, response) => response.end('hello')), 'http'],
  ['a page that takes long', slowPage, 'http'],
  ['gRPC', http2Only, 'http2'],
  ['Redis', () => answering("-ERR unknown command 'GET'\r\n"), 'other'],
  ['SMTP', () => answering('220 mail.example ESMTP\r\n'), 'other'],
  ['a server that waits for a word of its own', () => answering(undefined), 'silent'],
  ['a server that closes at once', closing, 'silent'],
])('%s is recognized', async (_what, start, spoken) => {
  const server = start();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    expect(await spokenAt((server.address() as AddressInfo).port)).toBe(spoken);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
