import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly trace: string;
  readonly id: string;
  /** Empty for the first of its trace. */
  readonly parent: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Stands in for a Collector: takes OTLP over HTTP in protobuf, and keeps what came. */
export interface TestCollector {
  readonly endpoint: string;
  readonly spans: ReceivedSpan[];
  /** Paths that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** How it answers: as a healthy one, never, or with 503. */
export type Health = 'well' | 'silent' | 'refusing';

export async function testCollector(health: Health = 'well'): Promise<TestCollector> {
  const spans: ReceivedSpan[] = [];
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    asked.push(request.url ?? '');
    if (health === 'silent') return;
    if (health === 'refusing') return response.writeHead(503).end();
    if (request.url === '/v1/traces') spans.push(...spansIn(body));
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, spans, asked, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Numbers of fields: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.9.0/opentelemetry/proto/trace/v1/trace.proto */
function spansIn(request: Buffer): ReceivedSpan[] {
  return bytes(request, 1)
    .flatMap((resource) => bytes(resource, 2))
    .flatMap((scope) => bytes(scope, 2))
    .map((span) => ({
      trace: bytes(span, 1)[0]?.toString('hex') ?? '',
      id: bytes(span, 2)[0]?.toString('hex') ?? '',
      parent: bytes(span, 4)[0]?.toString('hex') ?? '',
      name: String(bytes(span, 5)[0]),
      attributes: Object.fromEntries(bytes(span, 9).map(attribute)),
    }));
}

function attribute(pair: Buffer): readonly [string, string] {
  const [key = Buffer.alloc(0)] = bytes(pair, 1);
  const [value = Buffer.alloc(0)] = bytes(pair, 2);
  const [content] = fields(value);
  return [key.toString(), String(content?.value)];
}

function bytes(message: Buffer, number: number): Buffer[] {
  return fields(message).flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.value) ? [field.value] : [],
  );
}

interface Field {
  readonly number: number;
  readonly value: Buffer | bigint;
}

/** https://protobuf.dev/programming-guides/encoding/ */
function fields(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : Number(varint()));
    found.push({ number: tag >> 3, value });
  }
  return found;
}
