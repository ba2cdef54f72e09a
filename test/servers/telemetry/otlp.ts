/** What a store gets from the Collector, as OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */

type Attributes = Readonly<Record<string, string>>;

export interface SentSpan {
  /** Attributes of its resource. */
  readonly resource: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly attributes?: Attributes;
  readonly failed?: true;
  readonly exception?: { readonly type: string; readonly message: string; readonly stack: string };
}

export async function sendSpans(url: string, spans: readonly SentSpan[]): Promise<void> {
  const resourceSpans = spans.map((span) => ({
    resource: { attributes: keyValues(span.resource) },
    scopeSpans: [{ scope: { name: 'test' }, spans: [spanOf(span)] }],
  }));
  await post(`${url}/v1/traces`, { resourceSpans });
}

function spanOf({ traceId, spanId, parent, name, start, duration, attributes, failed, exception }: SentSpan) {
  return {
    traceId,
    spanId,
    ...(parent !== undefined && { parentSpanId: parent }),
    name,
    kind: 2,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + duration),
    attributes: keyValues(attributes ?? {}),
    ...(failed && { status: { code: 2 } }),
    ...(exception && { events: [exceptionEvent(start, exception)] }),
  };
}

function exceptionEvent(time: number, { type, message, stack }: NonNullable<SentSpan['exception']>) {
  return {
    name: 'exception',
    timeUnixNano: nanos(time),
    attributes: keyValues({
      'exception.type': type,
      'exception.message': message,
      'exception.stacktrace': stack,
    }),
  };
}

/** One point of a cumulative sum, a gauge or a histogram. */
export interface SentPoint {
  readonly resource: Attributes;
  readonly name: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly unit?: string;
  readonly attributes?: Attributes;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Of a sum or a gauge. */
  readonly value?: number;
  /** Of a histogram: values that were observed up to each of the bounds, and above the last. */
  readonly buckets?: { readonly bounds: readonly number[]; readonly counts: readonly number[] };
}

export async function sendPoints(url: string, points: readonly SentPoint[]): Promise<void> {
  const resourceMetrics = points.map((point) => ({
    resource: { attributes: keyValues(point.resource) },
    scopeMetrics: [{ scope: { name: 'test' }, metrics: [metricOf(point)] }],
  }));
  await post(`${url}/api/v1/otlp/v1/metrics`, { resourceMetrics });
}

const CUMULATIVE = 2;

function metricOf({ name, kind, unit = '', attributes = {}, time, value, buckets }: SentPoint) {
  const point = { timeUnixNano: nanos(time), attributes: keyValues(attributes) };
  if (kind === 'histogram') {
    const { bounds = [], counts = [] } = buckets ?? {};
    const count = counts.reduce((sum, one) => sum + one, 0);
    const dataPoints = [{ ...point, count, sum: 0, explicitBounds: bounds, bucketCounts: counts }];
    return { name, unit, histogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
  }
  const dataPoints = [{ ...point, asDouble: value }];
  if (kind === 'gauge') return { name, unit, gauge: { dataPoints } };
  return { name, unit, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } };
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

const nanos = (time: number) => `${BigInt(Math.round(time)) * 1_000_000n}`;

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
}
