import { Attribute, MetricLabel } from '../core/telemetry.ts';
import { rowsOf, seriesOf, spansOf } from '../test/servers/telemetry/ask.ts';
import { write } from '../test/servers/telemetry/pod-files.ts';
import { logsOf, metricsOf, tracesOf } from '../test/servers/telemetry/signals.ts';
import { shopPod, startStack } from '../test/servers/telemetry/stack.ts';
import { report, timed } from './measure.ts';

const SIGNALS = 10_000;
const ENVIRONMENTS = 20;
const SEED = 14;
const atOnce = 16;

type Kind = 'log' | 'line' | 'metric' | 'span';

interface Signal {
  readonly marker: string;
  readonly kind: Kind;
  readonly sender: number;
  /** What it says of itself; of another environment where it lies. */
  readonly claims: Readonly<Record<string, string>>;
}

/** The same numbers in each run: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomFrom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const slugs = Array.from({ length: ENVIRONMENTS }, (_, index) => `env-${index}`);
const pods = slugs.map((slug, index) => shopPod(slug, 'web', `127.0.1.${index + 1}`));
const namespaceOf = (index: number) => `wt-shop--${slugs[index]}`;

/** Names by which a store, or a reader, could take a signal for another environment's. */
const names = (other: number): readonly (readonly [string, string])[] => [
  [Attribute.namespace, namespaceOf(other)],
  [Attribute.environment, `shop/${slugs[other]}`],
  [Attribute.environmentId, `id-of-${slugs[other]}`],
  [Attribute.pod, pods[other]?.name ?? ''],
  ['k8s.pod.ip', pods[other]?.ip ?? ''],
  ['k8s_namespace_name', namespaceOf(other)],
  ['k8s-namespace/name', namespaceOf(other)],
  ['.k8s.namespace.name', namespaceOf(other)],
  ['_stream', `{${Attribute.namespace}="${namespaceOf(other)}"}`],
  [Attribute.service, `service-of-${slugs[other]}`],
];

function randomSignals(): Signal[] {
  const random = randomFrom(SEED);
  const kinds: readonly Kind[] = ['log', 'line', 'metric', 'span'];
  return Array.from({ length: SIGNALS }, (_, number) => {
    const sender = random(ENVIRONMENTS);
    const other = (sender + 1 + random(ENVIRONMENTS - 1)) % ENVIRONMENTS;
    const lies = random(4) === 0;
    const claims = lies ? names(other).filter((_, index) => index === 0 || random(2) === 0) : [];
    const kind = kinds[random(kinds.length)] ?? 'log';
    return { marker: `m-${sender}-${number}`, kind, sender, claims: Object.fromEntries(claims) };
  });
}

const stack = await startStack(pods);
const signals = randomSignals();
try {
  const sent = await timed(async () => {
    for (let from = 0; from < signals.length; from += atOnce) {
      await Promise.all(signals.slice(from, from + atOnce).map(send));
    }
  });
  const found = await everything();
  const foreign = found.filter(({ marker, namespace }) => namespace !== namespaceOf(senderOf(marker)));
  const missing = new Set(signals.map(({ marker }) => marker));
  for (const { marker } of found) missing.delete(marker);
  const confined = await rowsThroughFilter();
  report({
    name: 'telemetry-isolation',
    method:
      'Random signals (log records and spans over OTLP, data points, lines of log files; the seed is in the file) of pods of 20 environments to the Collector with its configuration, and VictoriaLogs, Prometheus and Jaeger behind it, all real; the Kubernetes API is a stand-in that lists the pods. A quarter of them claims, in its resource, its scope and itself, to be of another environment. Each names its sender in what it says, and everything in the three stores is compared with that.',
    series: { 'time to send all': { unit: 's', runs: [sent / 1000] } },
    reach: [
      { what: 'rows in a foreign environment', value: foreign.length, bound: 0 },
      { what: "rows of others through one environment's extra_stream_filters", value: confined, bound: 0 },
      { what: 'signals that are in no store', value: missing.size, bound: 0 },
    ],
    details: {
      signals: SIGNALS,
      environments: ENVIRONMENTS,
      lying: signals.filter(({ claims }) => Object.keys(claims).length > 0).length,
      byKind: Object.fromEntries(
        ['log', 'line', 'metric', 'span'].map((kind) => [
          kind,
          signals.filter((signal) => signal.kind === kind).length,
        ]),
      ),
      found: found.length,
      foreign: foreign.slice(0, 20),
    },
  });
} finally {
  await stack.remove();
}

async function send({ marker, kind, sender, claims }: Signal): Promise<void> {
  const pod = pods[sender];
  if (!pod) throw new Error(`no pod ${sender}`);
  const said = { resource: claims, scope: claims, attributes: claims };
  if (kind === 'line') {
    write(stack.podLogs, pod, [JSON.stringify({ ...claims, msg: `line ${marker}` })]);
    return;
  }
  const [signal, body] =
    kind === 'log'
      ? (['logs', logsOf([{ ...said, body: `record ${marker}` }])] as const)
      : kind === 'metric'
        ? ([
            'metrics',
            metricsOf([{ ...said, attributes: { ...claims, marker }, name: 'signal', value: 1 }]),
          ] as const)
        : ([
            'traces',
            tracesOf([{ ...said, event: claims, traceId: traceIdOf(marker), name: `span ${marker}` }]),
          ] as const);
  const status = await stack.send(pod.ip, signal, body);
  if (status !== 200) throw new Error(`${signal} were answered with ${status}`);
}

interface FoundSignal {
  readonly marker: string;
  readonly namespace: string;
}

/** Everything in the stores, once nothing more comes. */
async function everything(): Promise<FoundSignal[]> {
  let last: FoundSignal[] = [];
  for (;;) {
    const now = await rowsNow();
    if (now.length >= SIGNALS || (now.length > 0 && now.length === last.length)) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
}

async function rowsNow(): Promise<FoundSignal[]> {
  const logs = (await rowsOf(stack, '*')).map((row) => ({
    marker: markerIn(row._msg ?? ''),
    namespace: row[Attribute.namespace] ?? '',
  }));
  const metrics = (await seriesOf(stack, 'signal')).map(({ metric }) => ({
    marker: metric.marker ?? '',
    namespace: metric[MetricLabel.namespace] ?? '',
  }));
  const spans = await Promise.all(
    slugs.map((_, index) => spansOf(stack, 'web', { [Attribute.namespace]: namespaceOf(index) })),
  );
  const traces = spans.flat().map(({ name, attributes }) => ({
    marker: markerIn(name),
    namespace: attributes[Attribute.namespace] ?? '',
  }));
  return [...logs, ...metrics, ...traces];
}

/** What the log store gives to the queries of `wt`, each confined to one environment, of other ones. */
async function rowsThroughFilter(): Promise<number> {
  let others = 0;
  for (const index of slugs.keys()) {
    const filter = encodeURIComponent(`{${Attribute.namespace}="${namespaceOf(index)}"}`);
    const url = `${stack.urls.logs}/select/logsql/query?query=${encodeURIComponent('* or *')}&extra_stream_filters=${filter}`;
    const lines = (await (await fetch(url)).text()).split('\n').filter((line) => line !== '');
    const rows = lines.map((line) => JSON.parse(line) as { readonly _msg: string });
    others += rows.filter(({ _msg }) => senderOf(markerIn(_msg)) !== index).length;
  }
  return others;
}

function markerIn(text: string): string {
  return /m-\d+-\d+/.exec(text)?.[0] ?? '';
}

function senderOf(marker: string): number {
  return Number(marker.split('-')[1]);
}

function traceIdOf(marker: string): string {
  return (marker.split('-')[2] ?? '').padStart(32, 'a');
}
