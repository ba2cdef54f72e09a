/** `overview`: what there is. The others: why there is no answer of an app. */
export type PageKind = 'overview' | 'unknown-host' | OutageKind;
type OutageKind = 'stopped' | 'ending' | 'starting' | 'degraded' | 'failing' | 'off' | 'unknown';

/** What a page says, before it is HTML, JSON or text. */
export interface Page {
  readonly kind: PageKind;
  readonly status: 200 | 404 | 503;
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly commands: readonly Command[];
  readonly lists: readonly List[];
  /** The same for programs; its fields are stable. */
  readonly json: object;
  /** Seconds after which it is worth asking again. */
  readonly retryAfter?: number;
  /** Seconds after which a browser should. */
  readonly refresh?: number;
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

export interface Command {
  readonly line: string;
  readonly why: string;
}

export interface List {
  readonly title: string;
  readonly items: readonly Link[];
}

export interface Link {
  readonly url: string;
  /** Absent where the URL says it all. */
  readonly name?: string;
}
