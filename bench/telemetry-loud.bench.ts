import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Attribute } from '../core/telemetry.ts';
import { rowsOf } from '../test/servers/telemetry/ask.ts';
import type { Engine } from '../test/servers/telemetry/engines.ts';
import { logFolder, write } from '../test/servers/telemetry/pod-files.ts';
import { logsOf, tracesOf } from '../test/servers/telemetry/signals.ts';
import { type Stack, shopPod, startStack } from '../test/servers/telemetry/stack.ts';
import { median, report } from './measure.ts';

const seconds = Number(process.env.COPPICE_BENCH_SECONDS ?? 60);
const perSecond = 10_000;
const spansPerSecond = 1000;
const tick = 50;
/** Hz of the times in /proc, on every Linux. */
const hertz = 100;
const BLOCK = 512;
/** Of the kubelet: how often it looks, and from which size on it makes a new file. */
const rotation = { every: 10_000, bytes: 10 * 2 ** 20 };

const loud = shopPod('loud', 'web', '127.0.0.2');
const quiet = shopPod('quiet', 'web', '127.0.0.3');

const words = 'order item cart user session cache query event price stock retry queue'.split(' ');
const word = () => words[Math.floor(Math.random() * words.length)] ?? '';
/** About 150 bytes: what a request log of an app looks like, and what compresses no further. */
const texts = {
  requests: (number: number) =>
    `${new Date().toISOString()} INFO GET /${word()}/${number}/${word()} 200 in ${Math.floor(Math.random() * 900)} ms user=${Math.floor(Math.random() * 1e6)} ${word()} ${word()} trace=${randomBytes(8).toString('hex')}`,
  random: (number: number) => `${number} ${randomBytes(108).toString('base64')}`,
} as const;

interface Measured {
  readonly sent: number;
  readonly stored: number;
  readonly dropped: number;
  readonly quietSent: number;
  readonly quietStored: number;
  readonly lateSeconds: { readonly median: number; readonly most: number };
  /** Percent of a core. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly charged: number;
  readonly disk: number;
}

const runs: Record<string, Measured> = {
  'pod log, lines of requests': await measured(podLines(texts.requests)),
  'pod log, random text': await measured(podLines(texts.random)),
  OTLP: await measured(otlpLines(texts.requests)),
  spans: await measured(otlpSpans()),
};
const all = Object.entries(runs);

report({
  name: 'telemetry-loud',
  method: `One environment writes ${perSecond} lines of about 150 bytes a second for ${seconds} s (a file of a pod's output, renamed as the kubelet does; OTLP over HTTP; ${spansPerSecond} spans a second), another one writes one line a second. The real Collector with the platform's configuration, and VictoriaLogs, Prometheus and Jaeger on Badger behind it. A line of the quiet one is late by the time from its writing until a query finds it, asked every 100 ms; the writers run on the same cores.`,
  series: Object.fromEntries(
    all.flatMap(([name, { lateSeconds, cpu }]) => [
      [`${name}: quiet line late, median`, { unit: 's', runs: [lateSeconds.median] }],
      [`${name}: quiet line late, most`, { unit: 's', runs: [lateSeconds.most] }],
      [`${name}: CPU of the Collector`, { unit: '%', runs: [cpu.collector ?? 0] }],
      [`${name}: CPU of the store`, { unit: '%', runs: [cpu.store ?? 0] }],
    ]),
  ),
  reach: [
    {
      what: 'seconds that a quiet line is late',
      value: Math.max(...all.map(([, { lateSeconds }]) => lateSeconds.most)),
      bound: 5,
    },
    { what: 'quiet lines lost', value: sum(all.map(([, one]) => one.quietSent - one.quietStored)), bound: 0 },
    {
      what: 'loud lines and spans neither stored nor counted',
      value: sum(all.map(([, one]) => one.sent - one.stored - one.dropped)),
      bound: 0,
    },
    {
      what: 'disk of the store, of what was charged',
      value: Math.max(...all.map(([, one]) => one.disk / one.charged)),
      bound: 1,
    },
  ],
  details: runs,
});

/** Sends what is due, and says how much it was. */
type Loud = (stack: Stack, from: number, count: number) => Promise<void> | void;

async function measured({
  send,
  store,
  rate,
}: {
  send: Loud;
  store: 'logs' | 'traces';
  rate: number;
}): Promise<Measured> {
  const stack = await startStack([loud, quiet], { badger: true });
  try {
    const engines = { collector: stack.collector, store: stack[store] };
    const before = cpuOf(engines);
    const rotating = setInterval(() => rotate(stack), rotation.every);
    const began = performance.now();
    const quietLines = watchQuiet(stack);
    let sent = 0;
    while (performance.now() - began < seconds * 1000) {
      const due = Math.floor(((performance.now() - began) / 1000) * rate) - sent;
      if (due > 0) await send(stack, sent, due);
      sent += Math.max(0, due);
      await new Promise((resolve) => setTimeout(resolve, tick));
    }
    const lasted = performance.now() - began;
    clearInterval(rotating);
    const cpu = Object.fromEntries(
      Object.entries(cpuOf(engines)).map(([name, ms]) => [name, ((ms - (before[name] ?? 0)) / lasted) * 100]),
    );
    const { late, written } = await quietLines.end();
    const { stored, dropped } = await settled(stack, store, sent);
    return {
      sent,
      stored,
      dropped,
      quietSent: written,
      quietStored: late.length,
      lateSeconds: { median: median(late) / 1000, most: Math.max(...late) / 1000 },
      cpu,
      charged: await counted(stack, 'stored', store),
      disk: await diskOf(stack, store),
    };
  } finally {
    await stack.remove();
  }
}

function podLines(text: (number: number) => string) {
  const send: Loud = ({ podLogs }, from, count) =>
    write(
      podLogs,
      loud,
      Array.from({ length: count }, (_, index) => `loud ${text(from + index)}`),
    );
  return { send, store: 'logs', rate: perSecond } as const;
}

function otlpLines(text: (number: number) => string) {
  const send: Loud = async (stack, from, count) => {
    const [
      {
        resourceLogs: [first],
      },
    ] = [logsOf([{ body: '' }]) as { resourceLogs: { scopeLogs: { logRecords: object[] }[] }[] }];
    const records = Array.from({ length: count }, (_, index) => recordOf(`loud ${text(from + index)}`));
    const body = {
      resourceLogs: [{ ...first, scopeLogs: [{ ...first?.scopeLogs[0], logRecords: records }] }],
    };
    const status = await stack.send(loud.ip, 'logs', body);
    if (status !== 200) throw new Error(`logs were answered with ${status}`);
  };
  return { send, store: 'logs', rate: perSecond } as const;
}

function recordOf(text: string) {
  return {
    timeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
    severityNumber: 9,
    body: { stringValue: text },
  };
}

function otlpSpans() {
  return { send: sendSpans, store: 'traces', rate: spansPerSecond } as const;
}

async function sendSpans(stack: Stack, _from: number, count: number): Promise<void> {
  const spans = Array.from({ length: count }, () => ({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: `GET /${word()}/:id`,
    attributes: {
      'http.request.method': 'GET',
      'http.route': `/${word()}/:id`,
      'http.response.status_code': 200,
      'url.path': `/${word()}/${Math.floor(Math.random() * 1e6)}`,
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
      'network.peer.address': '10.42.0.17',
      'server.address': 'web-feat.localhost',
    },
  }));
  const status = await stack.send(loud.ip, 'traces', tracesOf(spans));
  if (status !== 200) throw new Error(`spans were answered with ${status}`);
}

/** Writes a line a second, and looks for it. */
function watchQuiet(stack: Stack) {
  const waiting = new Map<string, number>();
  const late: number[] = [];
  let written = 0;
  const writing = setInterval(() => {
    const text = `quiet ${written++}`;
    waiting.set(text, performance.now());
    write(stack.podLogs, quiet, [text]);
  }, 1000);
  const look = async () => {
    const rows = await rowsOf(stack, `{${Attribute.namespace}="${quiet.namespace}"} | fields _msg`);
    for (const { _msg = '' } of rows) {
      const at = waiting.get(_msg);
      if (at === undefined) continue;
      late.push(performance.now() - at);
      waiting.delete(_msg);
    }
  };
  let ended = false;
  const looking = (async () => {
    while (!ended) {
      // VictoriaLogs may close a connection at the moment in which it is used again.
      await look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    end: async () => {
      clearInterval(writing);
      const until = performance.now() + 60_000;
      while (waiting.size > 0 && performance.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 100));
      ended = true;
      await looking;
      return { late, written };
    },
  };
}

function rotate({ podLogs }: Stack): void {
  const file = join(logFolder(podLogs, loud, 'web'), '0.log');
  if (!existsSync(file) || statSync(file).size < rotation.bytes) return;
  const folder = logFolder(podLogs, loud, 'web');
  // The kubelet compresses what it renamed before: nobody reads it any more.
  for (const old of readdirSync(folder)) if (old !== '0.log') rmSync(join(folder, old));
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  renameSync(file, `${file}.${stamp}`);
}

/** Milliseconds of processor time so far. */
function cpuOf(engines: Readonly<Record<string, Engine>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(engines).map(([name, engine]) => {
      const fields = readFileSync(`/proc/${engine.pid()}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return [name, ((Number(fields[11]) + Number(fields[12])) * 1000) / hertz];
    }),
  );
}

/** What is stored and what was counted as dropped, once that does not grow any more. */
async function settled(stack: Stack, store: 'logs' | 'traces', sent: number) {
  let last = -1;
  for (;;) {
    const dropped = await counted(stack, 'dropped', store);
    const stored =
      store === 'logs'
        ? Number((await rowsOf(stack, 'loud | stats count() n'))[0]?.n ?? 0)
        : await sentSpans(stack);
    if (stored + dropped >= sent || stored === last) return { stored, dropped };
    last = stored;
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

async function counted(stack: Stack, what: 'stored' | 'dropped', store: string): Promise<number> {
  return counter(
    stack,
    new RegExp(
      `^otelcol_environment_limit_${what}\\{[^}]*${loud.namespace}[^}]*limit/${store}[^}]*\\} (\\S+)`,
      'm',
    ),
  );
}

async function sentSpans(stack: Stack): Promise<number> {
  return counter(stack, /^otelcol_exporter_sent_spans\{[^}]*\} (\S+)/m);
}

async function counter(stack: Stack, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(await stack.collectorMetrics())?.[1] ?? 0);
}

/** Of the log store as it says itself, since it merges and removes its files meanwhile. */
async function diskOf(stack: Stack, store: 'logs' | 'traces'): Promise<number> {
  if (store === 'logs') {
    await fetch(`${stack.urls.logs}/internal/force_flush`);
    const text = await (await fetch(`${stack.urls.logs}/metrics`)).text();
    return sum([...text.matchAll(/^vl_data_size_bytes\{[^}]*\} (\S+)/gm)].map(([, bytes]) => Number(bytes)));
  }
  const files = readdirSync(join(stack.folder, 'traces'), { recursive: true, withFileTypes: true });
  return sum(
    files.map(
      ({ parentPath, name }) =>
        (statSync(join(parentPath, name), { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK,
    ),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
