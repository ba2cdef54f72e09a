import type { V1Service } from '@kubernetes/client-node';
import type { LogGroup } from '../../servers/telemetry/logs.ts';
import type { Span, Trace } from '../../servers/telemetry/traces.ts';

/**
 * What was out of reach for a moment: a service that was replaced, stopped, or restarted by its watcher, and the requests
 * that came meanwhile.
 */

/** Services of an environment by `host:port`, in each form in which a caller writes it, and by their cluster IPs. */
export type Addresses = ReadonlyMap<string, string>;

export function addressesOf(services: readonly V1Service[]): Addresses {
  return new Map(
    services.flatMap(({ metadata: { name = '', namespace = '' } = {}, spec: { clusterIP, ports } = {} }) => {
      const local = `${name}.${namespace}`;
      const hosts = [name, local, `${local}.svc`, `${local}.svc.cluster.local`, clusterIP ?? name];
      return (ports ?? []).flatMap(({ port }) =>
        hosts.map((host): [string, string] => [`${host}:${port}`, name]),
      );
    }),
  );
}

/** A call that found nobody. */
export interface Missed {
  /** Who was not reached. */
  readonly service: string;
  readonly caller: string;
  readonly request: string;
  readonly traceId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `ECONNRESET`; empty where the gateway says nothing but its status. */
  readonly code: string;
}

/** Calls that found nobody, of failing traces. */
export function missedIn(traces: readonly Trace[], addresses: Addresses): Missed[] {
  return traces.flatMap(({ id, spans }) =>
    begun(spans).flatMap((span): Missed[] => {
      const service = unreachedBy(span, spans, addresses);
      if (service === undefined) return [];
      const code = codeOf(saidOf(span) ?? '');
      const request = nameOf(span, spans);
      return [{ service, caller: span.service, request, traceId: id, at: span.start / 1000, code }];
    }),
  );
}

/** Failing spans without a failing span below them: where a failure began. */
export function begun(spans: readonly Span[]): Span[] {
  const failed = spans.filter((span) => span.failed);
  const above = new Set(failed.map(({ parent }) => parent));
  return failed.filter(({ id }) => !above.has(id));
}

/** What a span says of its failure. */
export function saidOf({ attributes, events }: Span): string | undefined {
  return (
    events.map((event) => event.attributes['exception.message']).find(Boolean) ??
    attributes['otel.status_description'] ??
    attributes['error.type']
  );
}

export function statusOf({ attributes }: Span): string | undefined {
  return attributes['http.response.status_code'] ?? attributes['http.status_code'];
}

const gatewaysOwn = 'ReverseProxy';
const gatewaysScope = 'github.com/traefik/traefik';

/** What the gateway calls its own way to a service says nothing of the request. */
export function nameOf({ name, parent }: Span, spans: readonly Span[]): string {
  return name === gatewaysOwn ? (spans.find(({ id }) => id === parent)?.name ?? name) : name;
}

/** The service that a failing span did not reach; undefined where it failed otherwise. */
export function unreachedBy(span: Span, spans: readonly Span[], addresses: Addresses): string | undefined {
  if (isGateways(span, spans)) return /^50[234]$/.test(statusOf(span) ?? '502') ? span.service : undefined;
  const said = saidOf(span) ?? '';
  return codeOf(said) === '' ? undefined : addresses.get(addressOf(span) ?? addressIn(said) ?? '');
}

/** The gateway passed a request on, or had nobody to pass it to: no span of a service is below. */
function isGateways({ id, name, attributes }: Span, spans: readonly Span[]): boolean {
  if (spans.some(({ parent }) => parent === id)) return false;
  return name === gatewaysOwn || attributes['otel.scope.name'] === gatewaysScope;
}

/** `api:4000` */
export function addressOf({ attributes }: Span): string | undefined {
  const host = attributes['server.address'] ?? attributes['net.peer.name'];
  const port = attributes['server.port'] ?? attributes['net.peer.port'];
  return host === undefined || port === undefined ? host : `${host}:${port}`;
}

/** Nobody listened, or who did ended: the words of Node, undici, Go and Python. */
const lost =
  /\b(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|EPIPE|UND_ERR_SOCKET)\b|socket hang up|other side closed|connection refused|connection reset|no route to host/i;

function codeOf(text: string): string {
  return (lost.exec(text)?.[0] ?? '').toLowerCase();
}

/** `connect ECONNREFUSED 10.214.24.138:4000` */
function addressIn(text: string): string | undefined {
  return /\bE[A-Z]+ ([\w.-]+:\d+)\b/.exec(text)?.[1];
}

/** How far apart a span and the line about it are, at most: a busy program writes its line later. */
const TOGETHER_MS = 2_000;

/**
 * Whether lines only say that a service was not reached which answers again: by its address, or because the spans of who
 * wrote them say the same at the same time.
 */
export function tellsOfMissed(
  { service, example, first, last }: LogGroup,
  missed: readonly Missed[],
  answering: ReadonlySet<string>,
  addresses: Addresses,
): boolean {
  const code = codeOf(example);
  if (code === '') return false;
  const exact = addressIn(example);
  const named = exact === undefined ? addressNamed(example, addresses) : addresses.get(exact);
  if (exact !== undefined || named !== undefined) return answering.has(named ?? '');
  const same = missed.filter(
    (one) => one.caller === service && one.code === code && answering.has(one.service),
  );
  return [first, last].every((time) => same.some(({ at }) => Math.abs(Date.parse(time) - at) <= TOGETHER_MS));
}

function addressNamed(text: string, addresses: Addresses): string | undefined {
  const named = text.match(/[\w.-]+:\d+\b/g) ?? [];
  return named.map((one) => addresses.get(one)).find(Boolean);
}
