import type { ServiceFigures } from '../../servers/telemetry/figures.ts';
import type { Span, Trace } from '../../servers/telemetry/traces.ts';
import type { Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import type { Missed } from './away.ts';
import type { ObservedRoute, ObservedService } from './observe.ts';

/** Something that did not fail, and may be why something does not work. It never makes an environment a failing one. */
export interface Suspect {
  readonly kind: 'slow' | 'not-found' | 'busy' | 'away' | 'redirect';
  readonly service: string;
  /** One line, without the service. */
  readonly what: string;
  readonly count: number;
  /** The command to look closer. */
  readonly next: string;
}

/** Milliseconds from which on a request or a statement is slow. */
export const SLOW_MS = 1_000;
/** Share of a span that a span below it takes when the time is that one's. */
const MOST_OF_IT = 0.5;
/** Answers that a browser asks for by itself, and that hardly an app has. */
const byItself = /\/(favicon\.ico|robots\.txt|apple-touch-icon\S*|\.well-known\/\S*)$|\.map$/;

/**
 * Where slow traces spend their time: the innermost spans that are slow themselves. Those that failed are causes
 * already; a workflow, and who only waits for one, may take as long as they want.
 */
export function slowSpans(traces: readonly Trace[], target: Target): Suspect[] {
  const groups = new Map<string, { span: Span; count: number; trace: string }>();
  for (const { id, spans } of traces) {
    for (const span of spans.filter((one) => isSlow(one, spans))) {
      const key = `${span.service}\n${span.name}`;
      const known = groups.get(key);
      const worse = known === undefined || span.duration > known.span.duration;
      groups.set(key, {
        span: worse ? span : known.span,
        trace: worse ? id : known.trace,
        count: (known?.count ?? 0) + 1,
      });
    }
  }
  return [...groups.values()]
    .sort((one, other) => other.span.duration - one.span.duration)
    .map(({ span, count, trace }) => ({
      kind: 'slow',
      service: span.service,
      what: `${span.name} took ${(span.duration / 1_000_000).toFixed(1)} s${statementOf(span)}`,
      count,
      next: verbLine(`trace ${trace.slice(0, 8)}`, target),
    }));
}

function isSlow({ id, name, duration, failed }: Span, spans: readonly Span[]): boolean {
  if (failed || duration < SLOW_MS * 1000 || /Workflow\b|^StartActivity/.test(name)) return false;
  return !spans.some((below) => below.parent === id && below.duration >= duration * MOST_OF_IT);
}

function statementOf({ attributes }: Span): string {
  const text = attributes['db.query.text'] ?? attributes['db.statement'];
  return text === undefined ? '' : `: ${text.replaceAll(/\s+/g, ' ')}`;
}

/** Requests that no service has an answer for, by method and path. */
export function notFound(traces: readonly Trace[], target: Target): Suspect[] {
  const groups = new Map<string, Suspect>();
  for (const { spans } of traces) {
    const [{ service, name, attributes }] = spans;
    const path = attributes['url.path'] ?? attributes['http.target']?.split('?', 1)[0] ?? '';
    const status = attributes['http.response.status_code'] ?? attributes['http.status_code'];
    if (status !== '404' || byItself.test(path)) continue;
    const known = groups.get(`${service}\n${name}`);
    groups.set(`${service}\n${name}`, {
      kind: 'not-found',
      service,
      what: `${name} answered 404`,
      count: (known?.count ?? 0) + 1,
      next: verbLine(`traces '${path}'`, target),
    });
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}

/** Requests that did not reach a service which answers again: it was being replaced, or restarted by its watcher. */
export function wereAway(
  missed: readonly Missed[],
  answering: ReadonlySet<string>,
  target: Target,
): Suspect[] {
  const groups = new Map<string, Suspect>();
  for (const { service, request, traceId } of missed) {
    if (!answering.has(service)) continue;
    groups.set(service, {
      kind: 'away',
      service,
      what: `was not reached by ${request} for a moment, and answers again`,
      count: (groups.get(service)?.count ?? 0) + 1,
      next: verbLine(`trace ${traceId.slice(0, 8)}`, target),
    });
  }
  return [...groups.values()];
}

/** Pages that send their readers to themselves. One that sets a cookie may do so once, and answer the next time. */
export function redirects(routes: readonly ObservedRoute[], target: Target): Suspect[] {
  return routes.flatMap(({ service, url, status = 0, location, setsCookie }): Suspect[] => {
    if (location === undefined || status < 300 || status > 399 || setsCookie === true) return [];
    if (new URL(location, url).href !== new URL(url).href) return [];
    const what = `${url} answers ${status}, a redirect to itself: browsers give up`;
    return [{ kind: 'redirect', service, what, count: 1, next: verbLine(`logs ${service}`, target) }];
  });
}

/** Share of a core that a process takes which does nothing else; others want some of it too. */
const ALL_OF_A_CORE = 0.5;

/** Services that take a whole core. Told only of those that do not answer: work is no fault. */
export function busyServices(
  figures: readonly ServiceFigures[],
  services: readonly ObservedService[],
  answering: ReadonlySet<string>,
  target: Target,
): Suspect[] {
  return figures.flatMap(({ service, cpu = 0 }): Suspect[] => {
    const seen = services.find(({ name }) => name === service);
    if (cpu < ALL_OF_A_CORE || seen === undefined || answering.has(service)) return [];
    const what = `is busy: it takes ${cpu.toFixed(1)} of a CPU and does not answer. A loop without an end, or work that blocks it`;
    return [{ kind: 'busy', service, what, count: 1, next: verbLine(`exec ${service} -- top -bn1`, target) }];
  });
}
