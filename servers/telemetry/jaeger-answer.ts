import { defined } from '../../core/defined.ts';
import { Attribute } from '../../core/telemetry.ts';
import type { Span, Trace } from './trace.ts';

/**
 * What `/api/traces` and `/api/traces/ID` answer, as far as it is read:
 * https://github.com/jaegertracing/jaeger/blob/v1.76.0/internal/uimodel/model.go
 */
export interface JaegerAnswer {
  readonly data?: readonly JaegerTrace[] | null;
}

interface JaegerTrace {
  readonly traceID: string;
  readonly spans?: readonly JaegerSpan[] | null;
  readonly processes?: Readonly<Record<string, JaegerProcess>> | null;
}

interface JaegerSpan {
  readonly spanID: string;
  readonly operationName: string;
  readonly references?:
    | readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[]
    | null;
  readonly startTime: number;
  readonly duration: number;
  readonly tags?: readonly JaegerTag[] | null;
  readonly logs?: readonly { readonly fields?: readonly JaegerTag[] | null }[] | null;
  readonly processID: string;
}

interface JaegerProcess {
  readonly serviceName: string;
  readonly tags?: readonly JaegerTag[] | null;
}

interface JaegerTag {
  readonly key: string;
  readonly value: unknown;
}

/** Digits of a trace id in log lines; Jaeger leaves out the first half where it is zero. */
const ID_DIGITS = 32;

/**
 * The traces of an answer as each namespace has them, or the one that is asked for. Only the resource tells where a span
 * belongs: an attribute of the span itself is what its sender says. A span without a namespace is nobody's.
 */
export function tracesIn({ data }: JaegerAnswer, namespace?: string): Trace[] {
  return (data ?? []).flatMap((trace) => {
    const all = trace.spans ?? [];
    return [...byNamespace(trace)]
      .filter(([name]) => namespace === undefined || name === namespace)
      .map(([name, [first, ...rest]]) => ({
        id: trace.traceID.padStart(ID_DIGITS, '0'),
        namespace: name,
        ...defined({ environment: resourceOf(first, trace)[Attribute.environment] }),
        spans: sorted([spanOf(first, trace), ...rest.map((span) => spanOf(span, trace))]),
        foreign: all.length - rest.length - 1,
      }));
  });
}

type Some<T> = [T, ...T[]];

function byNamespace(trace: JaegerTrace): Map<string, Some<JaegerSpan>> {
  const found = new Map<string, Some<JaegerSpan>>();
  for (const span of trace.spans ?? []) {
    const name = resourceOf(span, trace)[Attribute.namespace];
    if (name === undefined) continue;
    const others = found.get(name);
    if (others === undefined) found.set(name, [span]);
    else others.push(span);
  }
  return found;
}

function sorted(spans: Some<Span>): Some<Span> {
  return spans.sort((one, other) => one.start - other.start);
}

function resourceOf({ processID }: JaegerSpan, { processes }: JaegerTrace): Record<string, string> {
  return record(processes?.[processID]?.tags);
}

function spanOf(span: JaegerSpan, { traceID, processes }: JaegerTrace): Span {
  const { spanID: id, operationName: name, startTime: start, duration, references, logs } = span;
  const process = processes?.[span.processID];
  const attributes = record(span.tags);
  const parent = references?.find((one) => one.refType === 'CHILD_OF' && one.traceID === traceID)?.spanID;
  return {
    id,
    service: process?.serviceName ?? '',
    name: withPath(name, attributes),
    start,
    duration,
    failed: isFailed(attributes),
    attributes,
    events: (logs ?? []).map(({ fields }) => {
      const { event = '', ...rest } = record(fields);
      return { name: event, attributes: rest };
    }),
    ...defined({ parent, pod: record(process?.tags)[Attribute.pod] }),
  };
}

const method = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT)$/;

/**
 * Without a route, which the gateway never knows, a request's span is named by its method alone: the path is kept out of
 * the name so that there are few names, and it is what people look for.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name
 */
function withPath(name: string, attributes: Readonly<Record<string, string>>): string {
  const path = attributes['url.path'] ?? attributes['http.target']?.split('?', 1)[0];
  return path !== undefined && method.test(name) ? `${name} ${path}` : name;
}

/** Jaeger turns the status of a span into tags. */
function isFailed(attributes: Readonly<Record<string, string>>): boolean {
  return (
    attributes[Attribute.error] === 'true' ||
    attributes.error === 'true' ||
    attributes['otel.status_code'] === 'ERROR'
  );
}

function record(tags: readonly JaegerTag[] | null | undefined): Record<string, string> {
  const entries = (tags ?? []).map(({ key, value }): [string, string] => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(entries);
}
