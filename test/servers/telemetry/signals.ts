/** OTLP as JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */

type Value = string | number | boolean | readonly string[] | { readonly [key: string]: Value };
export type Attributes = Readonly<Record<string, Value>>;

/** Of a signal: by default a second ago, so that it is never ahead. */
export interface When {
  /** Milliseconds since 1970. */
  readonly time?: number;
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as Attributes) } };
}

const nanos = (time: number) => `${BigInt(Math.round(time)) * 1_000_000n}`;

export interface LogArgs extends When {
  readonly resource?: Attributes;
  readonly scope?: Attributes;
  readonly attributes?: Attributes;
  readonly body: Value;
}

export function logsOf(records: readonly LogArgs[]): object {
  const resourceLogs = records.map(
    ({ resource = {}, scope = {}, attributes = {}, body, time = Date.now() }) => ({
      resource: { attributes: keyValues(resource) },
      scopeLogs: [
        {
          scope: { name: 'test', attributes: keyValues(scope) },
          logRecords: [
            {
              timeUnixNano: nanos(time),
              attributes: keyValues(attributes),
              body: anyValue(body),
              severityNumber: 9,
            },
          ],
        },
      ],
    }),
  );
  return { resourceLogs };
}

export interface MetricArgs extends When {
  readonly resource?: Attributes;
  readonly attributes?: Attributes;
  readonly name: string;
  readonly value: number;
  /** A sum with delta temporality, in place of a gauge. */
  readonly delta?: true;
}

export function metricsOf(metrics: readonly MetricArgs[]): object {
  const resourceMetrics = metrics.map((metric) => ({
    resource: { attributes: keyValues(metric.resource ?? {}) },
    scopeMetrics: [{ scope: { name: 'test' }, metrics: [metricOf(metric)] }],
  }));
  return { resourceMetrics };
}

function metricOf({ name, value, attributes = {}, time = Date.now(), delta }: MetricArgs): object {
  const dataPoints = [
    {
      startTimeUnixNano: nanos(time - 1000),
      timeUnixNano: nanos(time),
      asDouble: value,
      attributes: keyValues(attributes),
    },
  ];
  if (!delta) return { name, gauge: { dataPoints } };
  return { name, sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } };
}

export interface SpanArgs extends When {
  readonly resource?: Attributes;
  readonly scope?: Attributes;
  readonly attributes?: Attributes;
  readonly event?: Attributes;
  readonly traceId: string;
  readonly spanId?: string;
  readonly name: string;
  readonly failed?: true;
  /** 2: server, 3: client. */
  readonly kind?: 2 | 3;
}

export function tracesOf(spans: readonly SpanArgs[]): object {
  const resourceSpans = spans.map((span) => ({
    resource: { attributes: keyValues(span.resource ?? {}) },
    scopeSpans: [{ scope: { name: 'test', attributes: keyValues(span.scope ?? {}) }, spans: [spanOf(span)] }],
  }));
  return { resourceSpans };
}

function spanOf({
  traceId,
  spanId,
  name,
  attributes = {},
  event,
  failed,
  kind = 2,
  time = Date.now(),
}: SpanArgs) {
  return {
    traceId,
    spanId: spanId ?? traceId.slice(0, 16),
    name,
    kind,
    startTimeUnixNano: nanos(time - 20),
    endTimeUnixNano: nanos(time),
    attributes: keyValues(attributes),
    ...(event === undefined
      ? {}
      : { events: [{ name: 'event', timeUnixNano: nanos(time), attributes: keyValues(event) }] }),
    ...(failed ? { status: { code: 2 } } : {}),
  };
}
