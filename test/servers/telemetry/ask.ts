import { Attribute } from '../../../core/telemetry.ts';
import { waitFor } from './engines.ts';
import type { Stack } from './stack.ts';

export type Row = Readonly<Record<string, string>>;

/** Rows of the log store. */
export async function rowsOf(stack: Stack, query: string): Promise<Row[]> {
  const url = `${stack.urls.logs}/select/logsql/query?query=${encodeURIComponent(query)}`;
  const text = await (await fetch(url)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** Waits until that many rows are there. */
export function rowsArrive(stack: Stack, query: string, count = 1): Promise<Row[]> {
  return waitFor(async () => {
    const rows = await rowsOf(stack, query);
    return rows.length >= count ? rows : undefined;
  });
}

export interface Series {
  readonly metric: Row;
  readonly value: readonly [number, string];
}

export async function seriesOf(stack: Stack, query: string): Promise<Series[]> {
  const answer = await fetch(`${stack.urls.metrics}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await answer.json()) as { data: { result: Series[] } };
  return data.result;
}

export function seriesArrive(stack: Stack, query: string, count = 1): Promise<Series[]> {
  return waitFor(async () => {
    const series = await seriesOf(stack, query);
    return series.length >= count ? series : undefined;
  });
}

/** A span with the attributes of its resource, its scope and itself. */
export interface FoundSpan {
  readonly name: string;
  readonly attributes: Row;
}

interface Tag {
  readonly key: string;
  readonly value: unknown;
}

interface JaegerTrace {
  readonly spans: readonly {
    readonly operationName: string;
    readonly processID: string;
    readonly tags: readonly Tag[];
  }[];
  readonly processes: Readonly<
    Record<string, { readonly serviceName: string; readonly tags: readonly Tag[] }>
  >;
}

/** Spans of the traces of a service that have one with these attributes; over a week. */
export async function spansOf(stack: Stack, service: string, tags: Row): Promise<FoundSpan[]> {
  const now = Date.now();
  const query = new URLSearchParams({
    service,
    tags: JSON.stringify(tags),
    limit: '5000',
    start: `${(now - 7 * 86_400_000) * 1000}`,
    end: `${(now + 2 * 86_400_000) * 1000}`,
  });
  const answer = await fetch(`${stack.urls.traces}/api/traces?${query}`);
  const { data } = (await answer.json()) as { data: JaegerTrace[] | null };
  return (data ?? []).flatMap(({ spans, processes }) =>
    spans.map(({ operationName, processID, tags: own }) => {
      const process = processes[processID];
      const pairs = [...(process?.tags ?? []), ...own].map(({ key, value }) => [key, String(value)]);
      return {
        name: operationName,
        attributes: { ...Object.fromEntries(pairs), [Attribute.service]: process?.serviceName ?? '' },
      };
    }),
  );
}

export function spansArrive(stack: Stack, service: string, tags: Row, count = 1): Promise<FoundSpan[]> {
  return waitFor(async () => {
    const spans = await spansOf(stack, service, tags);
    return spans.length >= count ? spans : undefined;
  });
}
