import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { Attribute, platformStream, telemetryServices, unknownSender } from '../../core/telemetry.ts';
import { type Asker, askThroughApi, type Store } from '../../servers/telemetry/reach.ts';
import { eventually, get, kubectl, Repository, wt, wtOk } from './harness.ts';

/** One environment with every server of telemetry. Its service says of each signal that it is another's. */
const namespace = 'wt-heard--main';
const host = 'main.heard.localhost';
const lie = 'wt-other--main';

let repository: Repository;
let stores: Readonly<Record<Store, Asker>>;

const spec = `version: 1
name: heard
services:
  web: { runtime: node, command: node server.cjs, port: 3000 }
telemetry: {}
`;
/** Posts OTLP by hand: no SDK, and so none of its own attributes. */
const server = `
const { randomBytes } = require('node:crypto');
const text = (key, stringValue) => ({ key, value: { stringValue } });
const resource = { attributes: [text('k8s.namespace.name', '${lie}'), text('service.name', 'liar')] };
const send = async (kind, body) => {
  const answer = await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/' + kind, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
};
const now = () => String(BigInt(Date.now()) * 1000000n);
const signals = {
  async span(traceId) {
    const span = {
      traceId, spanId: randomBytes(8).toString('hex'), name: 'work', kind: 1, startTimeUnixNano: now(),
      endTimeUnixNano: now(), status: { code: 2 },
    };
    await send('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  },
  async point(run) {
    const attributes = [text('run', run), text('k8s.namespace.name', '${lie}')];
    const dataPoints = [{ timeUnixNano: now(), asInt: 7, attributes }];
    const metrics = [{ name: 'heard.points', gauge: { dataPoints } }];
    await send('metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
  },
  async line(said) {
    console.log(JSON.stringify({ level: 'error', msg: said, 'k8s.namespace.name': '${lie}' }));
  },
  reach(address) {
    const [host, port] = address.split(':');
    return new Promise((resolve, reject) => {
      const socket = require('node:net').connect({ host, port, timeout: 2000 });
      const end = (settle, value) => { socket.destroy(); settle(value); };
      socket.on('connect', () => end(resolve)).on('error', (error) => end(reject, error.code));
      socket.on('timeout', () => end(reject, 'no answer'));
    });
  },
};
require('node:http').createServer(async (request, answer) => {
  const [, kind, value] = request.url.split('/');
  try {
    await signals[kind]?.(value);
    answer.end('sent');
  } catch (error) {
    answer.writeHead(500).end(String(error));
  }
}).listen(process.env.PORT);
`;

beforeAll(async () => {
  repository = new Repository({ spec });
  repository.write('server.cjs', server);
  await wtOk(['up'], { cwd: repository.top });
  const record = await readClusterRecord();
  if (!record) throw new Error('the cluster has no record');
  stores = {
    logs: await askThroughApi(record, 'logs'),
    metrics: await askThroughApi(record, 'metrics'),
    traces: await askThroughApi(record, 'traces'),
  };
});

afterAll(async () => {
  await wt(['down'], { cwd: repository.top });
  repository.remove();
});

/** Those that this file sent through the gateway. */
let requests = 0;

async function sent(kind: 'span' | 'point' | 'line', value: string): Promise<void> {
  requests += 1;
  const { status, body } = await get(host, `/${kind}/${value}`);
  expect([status, body]).toEqual([200, 'sent']);
}

/** Telemetry outlives its environment: other runs in this cluster have said the same. */
const run = randomBytes(6).toString('hex');
const traceIds = (count: number, first: string) =>
  Array.from({ length: count }, (_, at) => `${first}${run}${at.toString(16).padStart(19, '0')}`);

async function lines(query: string, from = namespace): Promise<Record<string, string>[]> {
  // With quotes around the name it would be read as JSON.
  const filter = { extra_stream_filters: `{${Attribute.namespace}=${JSON.stringify(from)}}` };
  return (await stores.logs.lines('/select/logsql/query', { query, ...filter })) as Record<string, string>[];
}

interface Trace {
  readonly traceID: string;
  readonly spans: readonly { readonly tags: readonly { readonly key: string; readonly value: unknown }[] }[];
}

async function traces(from: string, service = 'web'): Promise<readonly Trace[]> {
  const tags = JSON.stringify({ [Attribute.namespace]: from });
  const answer = await stores.traces.json('/api/traces', { service, tags, limit: 1000 });
  return (answer as { data: Trace[] }).data;
}

async function series(query: string): Promise<readonly { readonly metric: Record<string, string> }[]> {
  const answer = await stores.metrics.json('/api/v1/query', { query });
  return (answer as { data: { result: { metric: Record<string, string> }[] } }).data.result;
}

test('a line of stdout is in the log store, under the environment that its pod is in', async () => {
  await sent('line', `first-${run}`);
  const [found] = await eventually('the line is found', async () => {
    const some = await lines(`"first-${run}"`);
    return some.length > 0 ? some : undefined;
  });
  expect(found).toMatchObject({ _msg: `first-${run}`, [Attribute.service]: 'web', [Attribute.app]: 'heard' });
  expect(Number(found?.severity_number)).toBeGreaterThanOrEqual(17);
  expect(await lines('*', lie)).toEqual([]);
});

test('a span is in the trace store under its own service, and Jaeger filters by the environment', async () => {
  const [id = ''] = traceIds(1, 'a');
  await sent('span', id);
  const trace = await eventually('the trace is found', async () =>
    (await traces(namespace)).find(({ traceID }) => traceID === id),
  );
  expect(trace.spans[0]?.tags).toContainEqual({ key: Attribute.error, type: 'string', value: 'true' });
  expect(await traces(lie)).toEqual([]);
  expect(await traces(lie, 'liar')).toEqual([]);
});

/** Of a program of this machine: a log line by OTLP, with the token that it was given, or with another text. */
const program = `
const [header, token] = process.env.OTEL_EXPORTER_OTLP_HEADERS.split('=');
const [said, shown = token] = process.argv.slice(1);
const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: said } }] }] }] };
fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/logs', {
  method: 'POST', headers: { 'content-type': 'application/json', [header]: shown }, body: JSON.stringify(body),
}).then((answer) => console.log(answer.status));
`;

test('a program that wt run starts sends to this environment, and without its token to none', async () => {
  for (const words of [[`hosted-${run}`], [`guessed-${run}`, 'wt-heard--main.1d.web.5e']]) {
    const { stdout } = await wtOk(['run', '--', 'node', '-e', program, ...words], { cwd: repository.top });
    expect(stdout).toBe('200\n');
  }
  const [found] = await eventually('the line is found', async () => {
    const some = await lines(`"hosted-${run}"`);
    return some.length > 0 ? some : undefined;
  });
  expect(found).toMatchObject({ [Attribute.service]: 'web', [Attribute.container]: 'wt-run' });
  const [unknown] = await eventually('the other line is found', async () => {
    const some = await lines(`"guessed-${run}"`, platformStream);
    return some.length > 0 ? some : undefined;
  });
  expect(unknown).toMatchObject({ [Attribute.service]: unknownSender });
  expect(await lines(`"guessed-${run}"`)).toEqual([]);
});

test("a metric is in Prometheus with its environment's label, whatever its sender and its points say", async () => {
  await sent('point', run);
  const found = await eventually('the metric is found', async () => {
    const some = await series(`heard_points{run="${run}"}`);
    return some.length > 0 ? some : undefined;
  });
  for (const { metric } of found)
    expect(metric).toMatchObject({ k8s_namespace_name: namespace, service_name: 'web' });
});

test('its pod reaches the Collector, and no port of a store or of the gateway behind it', async () => {
  const address = (service: string, port: number) => `${service}.coppice.svc:${port}`;
  const { collector, ...behind } = telemetryServices;
  const closed = [
    address(collector.service, collector.ports.gateway),
    address(collector.service, collector.ports.metrics),
    ...Object.values(behind).flatMap(({ service, ports }) =>
      Object.values(ports).map((port) => address(service, port)),
    ),
  ];
  const reached = async (at: string) => {
    requests += 1;
    return (await get(host, `/reach/${at}`)).status === 200;
  };
  // The cluster starts to decide while it starts the servers.
  await eventually('nothing behind the Collector is reached', async () => {
    const open = await Promise.all(closed.map(reached));
    return open.every((one) => !one) || undefined;
  });
  for (const port of [collector.ports.otlpGrpc, collector.ports.otlpHttp])
    expect(await reached(address(collector.service, port))).toBe(true);
});

describe('the verbs answer for the worktree they are typed in', () => {
  const here = () => ({ cwd: repository.top });
  const read = async (...args: string[]) => {
    const { code, stdout } = await wt([...args, '--json'], here());
    return { code, json: JSON.parse(stdout) };
  };

  test('a request is among the traces under its path, and its first digits show it', async () => {
    await sent('line', `asked-${run}`);
    const path = `/line/asked-${run}`;
    const id = await eventually('the request is listed', async () => {
      const { json } = await read('traces', path);
      return json.traces.find(({ root }: { root: { name: string } }) => root.name === `GET ${path}`)?.id;
    });
    const { stdout } = await wtOk(['trace', id.slice(0, 8)], here());
    expect(stdout).toContain(`web GET ${path}`);
  });

  test('requests are counted exactly, and those of wt itself are not among them', async () => {
    for (let count = 0; count < 7; count += 1) await sent('line', `counted-${run}`);
    await wtOk(['status'], here());
    await eventually('all requests are counted', async () => {
      const { json } = await read('metrics');
      const web = json.services.find(({ service }: { service: string }) => service === 'web');
      expect(web?.requests ?? 0).toBeLessThanOrEqual(requests);
      return web?.requests === requests || undefined;
    });
  });

  test('what failed is named with its count, and nothing is called lost on a sound platform', async () => {
    const { code, json } = await read('errors');
    expect(code).toBe(1);
    expect(JSON.stringify(json)).toContain(`counted-${run}`);
    // Prometheus looks at the other servers for the first time within half a minute of its start.
    const sound = await eventually('the platform is sound', async () => {
      const status = await wt(['telemetry', 'status'], here());
      return status.code === 0 ? status.stdout : undefined;
    });
    expect(sound).toContain('nothing was lost in the last hour');
  });
});

test('what was accepted while each store was killed is found afterwards', async () => {
  const ids = traceIds(12, 'b');
  const ended = Object.keys(stores).map((store) =>
    kubectl(
      ...['-n', 'coppice', 'delete', 'pod', '--force', '--grace-period=0', '--wait=true', '--selector'],
      `coppice.dev/service=${telemetryServices[store as Store].service}`,
    ),
  );
  for (const id of ids) {
    await sent('span', id);
    await sent('line', `${run}-killed-${id}`);
  }
  await Promise.all(ended);
  await eventually('all traces are found', async () => {
    const found = new Set((await traces(namespace)).map(({ traceID }) => traceID));
    return ids.every((id) => found.has(id)) || undefined;
  });
  await eventually('all lines are found', async () => {
    // A store that was killed may have stored what it did not answer for, so the Collector sends it again.
    const found = new Set((await lines(`"${run}-killed"`)).map(({ _msg }) => _msg));
    return ids.every((id) => found.has(`${run}-killed-${id}`)) || undefined;
  });
  expect(await lines(`"first-${run}"`)).not.toEqual([]);
  expect((await traces(namespace)).map(({ traceID }) => traceID)).toContain(traceIds(1, 'a')[0]);
});

test('an up succeeds while the Collector is away, and says so', async () => {
  const collector = ['-n', 'coppice', 'deployment/collector'];
  await kubectl('scale', ...collector, '--replicas=0');
  repository.write('coppice.yaml', spec.replace('port: 3000', 'port: 3000, env: { CHANGED: "1" }'));
  const { stdout, stderr } = await wtOk(['up'], { cwd: repository.top });
  expect(stdout + stderr).toContain('the OpenTelemetry Collector was scaled to 0 by hand. See wt doctor');
  expect(stdout + stderr).toContain('is up');
  // Nothing of the platform was touched.
  expect(await kubectl('get', ...collector, '-o', 'jsonpath={.spec.replicas}')).toBe('0');
  await wtOk(['platform', 'up'], { cwd: repository.top });
  expect(await kubectl('get', ...collector, '-o', 'jsonpath={.status.readyReplicas}')).toBe('1');
});
