/** A span as it is stored; times in microseconds, which is how precise Jaeger is. */
export interface Span {
  /** Hexadecimal, as it is in log lines. */
  readonly id: string;
  /** Of the span that it is a part of, which may not be here. */
  readonly parent?: string;
  readonly service: string;
  /** The name of a request without a route has its path: `GET /items/7`. */
  readonly name: string;
  /** Since 1970. */
  readonly start: number;
  readonly duration: number;
  readonly failed: boolean;
  readonly pod?: string;
  /** The span's own attributes, without those of its service. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly events: readonly SpanEvent[];
}

/** Something with a time in a span: an exception, mostly. */
interface SpanEvent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What one environment has of a trace. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Kubernetes namespace of the environment. */
  readonly namespace: string;
  /** `app/slug`; absent for what belongs to the platform. */
  readonly environment?: string;
  /** By start; at least one. */
  readonly spans: readonly [Span, ...Span[]];
  /** Spans of the same trace in other namespaces, of which nothing else is told. */
  readonly foreign: number;
}
