/** A span as it is stored; times in microseconds, which is how precise Jaeger is. */
export interface Span {
  /** Hexadecimal, as it is in log lines. */
  readonly id: string;
  /** Of the span that it is a part of, which may not be here. */
  readonly parent?: string;
  readonly service: string;
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

/** What an environment has of a trace. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** By start. */
  readonly spans: readonly Span[];
  /** Spans of the same trace that belong to another environment or to nobody known, of which nothing else is told. */
  readonly foreign: number;
}
