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

/** The traces of an answer, each with only the spans whose resource is in the namespace. */
export function tracesIn({ data }: JaegerAnswer, namespace: string): Trace[] {
  return (data ?? []).map((trace) => {
    const all = trace.spans ?? [];
    const own = all.filter(({ processID }) => namespaceOf(trace.processes?.[processID]) === namespace);
    const spans = own.map((span) => spanOf(span, trace));
    return {
      id: trace.traceID.padStart(ID_DIGITS, '0'),
      spans: spans.sort((one, other) => one.start - other.start),
      foreign: all.length - own.length,
    };
  });
}

/** Only the resource tells: an attribute of the span itself is what its sender says. */
function namespaceOf(process: JaegerProcess | undefined): unknown {
  return process?.tags?.find(({ key }) => key === Attribute.namespace)?.value;
}

function spanOf(span: JaegerSpan, { traceID, processes }: JaegerTrace): Span {
  const { spanID: id, operationName: name, startTime: start, duration, references, logs } = span;
  const process = processes?.[span.processID];
  const attributes = record(span.tags);
  const parent = references?.find((one) => one.refType === 'CHILD_OF' && one.traceID === traceID)?.spanID;
  return {
    id,
    service: process?.serviceName ?? '',
    name,
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
