import { defined } from '../../core/defined.ts';
import { Attribute } from '../../core/telemetry.ts';
import { type JaegerAnswer, tracesIn } from './jaeger-answer.ts';
import { type Asker, refusedWith } from './reach.ts';
import type { Trace } from './trace.ts';

export type { Span, Trace } from './trace.ts';

/** Milliseconds since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface TraceSearch extends Period {
  /** Only traces that this service took part in. */
  readonly service?: string | undefined;
  /** Only traces with a span whose status is ERROR. */
  readonly failed?: boolean;
  /** Only traces with a request that was answered so. */
  readonly status?: number;
  /** Only traces with a span that took at least so many milliseconds. */
  readonly atLeast?: number | undefined;
  /** The newest so many of each service. */
  readonly limit: number;
}

export interface FoundTraces {
  /** Newest first. */
  readonly traces: readonly Trace[];
  /** A service had as many as the limit: there may be more. */
  readonly cut: boolean;
}

/** Requests at one time: each service is a search of its own. */
const SIDE_BY_SIDE = 6;

/**
 * Traces of one namespace, or of all, each apart. Jaeger filters by it, and each span that comes back is checked again:
 * a span whose own attribute names the namespace matches in Jaeger, though it is another environment's. Throws what the
 * asker throws.
 */
export async function searchTraces(
  asker: Asker,
  namespace: string | undefined,
  search: TraceSearch,
): Promise<FoundTraces> {
  const known = await servicesOf(asker);
  const services = search.service === undefined ? known : known.filter((name) => name === search.service);
  const found = await eachOf(services, (service) => searchService(asker, namespace, { ...search, service }));
  return {
    traces: byStart(joined(found.flatMap(({ traces }) => traces))),
    cut: found.some(({ cut }) => cut),
  };
}

/** One trace by its whole id, as far as it is this namespace's; undefined when nothing of it is. */
export async function readTrace(asker: Asker, namespace: string, id: string): Promise<Trace | undefined> {
  try {
    const answer = await asker.json(`/api/traces/${encodeURIComponent(id)}`);
    const [trace] = tracesIn(answer as JaegerAnswer, namespace);
    return trace;
  } catch (error) {
    if (refusedWith(error) === 404) return undefined;
    throw error;
  }
}

/** Names of all services, whichever environment has them: only a search by service is one by namespace too. */
export async function servicesOf(asker: Asker): Promise<readonly string[]> {
  const { data } = (await asker.json('/api/services')) as { readonly data?: readonly string[] | null };
  return data ?? [];
}

async function searchService(
  asker: Asker,
  namespace: string | undefined,
  { service, from, to, failed, status, atLeast, limit }: TraceSearch,
): Promise<FoundTraces> {
  const tags = defined({
    [Attribute.namespace]: namespace,
    [Attribute.error]: failed ? 'true' : undefined,
    'http.response.status_code': status === undefined ? undefined : String(status),
  });
  const answer = await asker.json('/api/traces', {
    service,
    tags: Object.keys(tags).length === 0 ? undefined : JSON.stringify(tags),
    start: Math.floor(from * 1000),
    end: Math.ceil(to * 1000),
    minDuration: atLeast === undefined ? undefined : `${Math.round(atLeast * 1000)}us`,
    limit,
  });
  const found = answer as JaegerAnswer;
  return { traces: tracesIn(found, namespace), cut: (found.data ?? []).length >= limit };
}

async function eachOf<T>(services: readonly string[], work: (service: string) => Promise<T>): Promise<T[]> {
  const waiting = [...services];
  const done: T[] = [];
  const next = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) done.push(await work(one));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next));
  return done;
}

/** A trace through several services comes with each of them. */
function joined(traces: readonly Trace[]): Trace[] {
  const byId = new Map<string, Trace>();
  for (const trace of traces) {
    const key = `${trace.namespace} ${trace.id}`;
    // More of its spans may have arrived in between.
    if ((byId.get(key)?.spans.length ?? 0) < trace.spans.length) byId.set(key, trace);
  }
  return [...byId.values()];
}

function byStart(traces: readonly Trace[]): Trace[] {
  return [...traces].sort((one, other) => other.spans[0].start - one.spans[0].start);
}
