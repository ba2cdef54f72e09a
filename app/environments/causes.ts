import { ownUserAgent } from '../../core/telemetry.ts';
import { ownPlace } from '../../core/text/own-place.ts';
import { sentence } from '../../resources/ready/sentence.ts';
import type { LogGroup } from '../../servers/telemetry/logs.ts';
import { patternOf } from '../../servers/telemetry/pattern.ts';
import type { Span, Trace } from '../../servers/telemetry/traces.ts';
import type { LastFailure } from '../engine/index.ts';
import type { Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { type Addresses, addressOf, begun, nameOf, saidOf, statusOf, unreachedBy } from './away.ts';
import type { ObservedEnvironment, ObservedService } from './observe.ts';
import type { EnvironmentProblem } from './status.ts';

/** Where a cause was seen. `state`: of pods, routes and the environment as a whole, right now. */
export type Signal = 'state' | 'up' | 'workflow' | 'trace' | 'log';

/** Something that failed, however often. */
export interface Cause {
  readonly signal: Signal;
  readonly service?: string;
  /** One line, without a line break. */
  readonly what: string;
  readonly count: number;
  /** Milliseconds since 1970; absent for what is so right now. */
  readonly first?: number;
  readonly last?: number;
  readonly traceId?: string;
  /** The command to look closer. */
  readonly next: string;
}

/**
 * What is wrong with an environment right now: pods, routes, packages, and itself; and restarts since then (milliseconds
 * since 1970) of what runs well again.
 */
export function causesInState(
  seen: ObservedEnvironment,
  problems: readonly EnvironmentProblem[],
  since: number,
  target: Target,
): Cause[] {
  const whole = problems.map(({ what, fix }): Cause => {
    return { signal: 'state', what, count: 1, next: fix ?? verbLine('status', target) };
  });
  if (seen.stopped) return whole;
  const services = seen.services
    .filter((service) => isWrong(service) || (service.restarts > 0 && (service.endedAt ?? since) >= since))
    .map((service): Cause => {
      const { name, reasons, restarts, exitCode, endedAt, error, ended } = service;
      const times = restarts === 1 ? 'restarted once' : `restarted ${restarts} times`;
      const code = exitCode === undefined ? '' : `, last with exit code ${exitCode}`;
      const reason = reasons[0] ?? `${times}${code}`;
      const what = error === undefined ? reason : `${reason}: ${error}`;
      const previous = ended === true || restarts > 0 ? ['--previous'] : [];
      const next = verbLine(`logs ${name}`, target, ...previous);
      return {
        signal: 'state',
        service: name,
        what: sentence(name, what),
        count: Math.max(1, restarts),
        ...(!isWrong(service) && endedAt !== undefined && { last: endedAt }),
        next,
      };
    });
  const routes = unansweredRoutes(seen, target);
  const installs = seen.installs
    .filter(({ state }) => state !== 'done' && state !== 'running')
    .map(({ name }): Cause => {
      const what = `packages of ${name} are incomplete`;
      return { signal: 'state', service: name, what, count: 1, next: verbLine('up', target) };
    });
  return [...whole, ...services, ...routes, ...installs];
}

/** What a failing service says of itself needs no route; of one that does not answer yet, its reason says more. */
function unansweredRoutes({ routes, services }: ObservedEnvironment, target: Target): Cause[] {
  const causes = routes
    .filter(({ ready }) => !ready)
    .flatMap(({ service, url, status, reason }): Cause[] => {
      const { state, reasons = [] } = services.find(({ name }) => name === service) ?? {};
      if (state === 'failing') return [];
      const [why] = state === 'starting' ? reasons : [];
      const what = why === undefined ? `${url} ${reason ?? `answers ${status}`}` : sentence(service, why);
      return [{ signal: 'state', service, what, count: 1, next: verbLine(`logs ${service}`, target) }];
    });
  return causes.filter(({ what }, at) => causes.findIndex((other) => other.what === what) === at);
}

function isWrong({ state }: ObservedService): boolean {
  return state === 'failing' || state === 'degraded';
}

/** What the last `up` failed at: migrations, images, pods that never became ready. */
export function causesOfUp({ at, messages }: LastFailure, target: Target): Cause[] {
  return messages.map((message): Cause => {
    const what = message
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, 3)
      .join(' | ');
    return {
      signal: 'up',
      what: `up failed: ${what}`,
      count: 1,
      first: at,
      last: at,
      next: verbLine('up', target),
    };
  });
}

/** Workflows that failed or are stuck, as `wt workflows` lists them. */
export function causesInWorkflows(
  workflows: readonly {
    readonly id: string;
    readonly type: string;
    readonly kind: string;
    readonly started: string;
    readonly ended?: string;
    readonly reason?: string;
  }[],
  since: number,
  target: Target,
): Cause[] {
  const groups = new Map<string, Cause>();
  for (const { id, type, kind, started, ended, reason } of workflows) {
    const at = Date.parse(ended ?? started);
    if (kind === 'running' || (kind === 'failed' && at < since)) continue;
    const what = `workflow ${type} ${kind === 'stuck' ? 'is stuck' : 'failed'}${reason === undefined ? '' : `: ${reason}`}`;
    const next = verbLine(`workflows show ${id}`, target);
    merge(groups, patternOf(what), { signal: 'workflow', what, count: 1, first: at, last: at, next });
  }
  return [...groups.values()];
}

/** What of failing traces and lines counts. */
export interface Counted {
  /** Milliseconds since 1970: a trace goes on for as long as its workflow, and its older spans are known. */
  readonly since?: number;
  /** Services that answer now: that they were not reached for a moment is no cause. */
  readonly answering?: ReadonlySet<string>;
  /** Of all services, as callers write them. */
  readonly addresses?: Addresses;
}

/**
 * Failing spans: where a failure began, and not each span above that failed with it. An attempt that was repeated with
 * success is no failure of what asked for it: Temporal's activities, and clients that try again.
 */
export function causesInTraces(
  traces: readonly Trace[],
  target: Target,
  { since = 0, answering = new Set(), addresses = new Map() }: Counted = {},
): Cause[] {
  const groups = new Map<string, Cause>();
  for (const { id, spans } of traces) {
    for (const span of begun(spans)) {
      const { service, start } = span;
      const at = start / 1000;
      if (at < since || isRepeated(span, spans)) continue;
      if (answering.has(unreachedBy(span, spans, addresses) ?? '')) continue;
      const name = nameOf(span, spans);
      const said = saidOf(span);
      const status = statusOf(span);
      if (said !== undefined && isAsWanted(name, said)) continue;
      const why = status === '499' ? 'who asked gave up waiting' : (said ?? answeredWith(status));
      const next = verbLine(`trace ${id.slice(0, 8)}`, target);
      merge(groups, `${service}\n${name}\n${patternOf(why)}`, {
        signal: 'trace',
        service,
        what: `${name}: ${why.split('\n')[0]}${toWhom(span, why)}${placeOf(span)}`,
        count: 1,
        first: at,
        last: at,
        traceId: id,
        next,
      });
    }
  }
  return [...groups.values()];
}

function answeredWith(status: string | undefined): string {
  return status === undefined ? 'failed' : `answered ${status}`;
}

/** Not what `wt` itself asks a route, which it also does while it waits for an answer. */
export function isOthers({ spans }: Trace): boolean {
  return spans.every(({ attributes }) => attributes['user_agent.original'] !== ownUserAgent);
}

/** ` (postgres.coppice.svc:5432)`: drivers often say why, and not of what. */
function toWhom(span: Span, why: string): string {
  const address = addressOf(span);
  return address === undefined ||
    why.includes(address.replace(/:\d+$/, '')) ||
    !/connect|CONN|UNREACH|NOTFOUND/i.test(why)
    ? ''
    : ` (${address})`;
}

/** Who starts a workflow by an id of their own asks for exactly this answer: Temporal's SDKs mark the span as failed. */
function isAsWanted(span: string, said: string): boolean {
  return /^(StartWorkflow|SignalWithStartWorkflow)\b/.test(span) && /already (started|running)/i.test(said);
}

function isRepeated(span: Span, spans: readonly Span[]): boolean {
  const { parent, service, name, start } = span;
  const above = spans.find(({ id }) => id === parent);
  if (above === undefined || above.failed) return false;
  return spans.some(
    (other) =>
      !other.failed &&
      other.parent === parent &&
      other.service === service &&
      other.name === name &&
      other.start > start,
  );
}

/** ` at /app/api/orders.js:27:13` */
function placeOf({ events }: Span): string {
  const place = events
    .map(({ attributes }) => ownPlace((attributes['exception.stacktrace'] ?? '').split('\n')))
    .find(Boolean);
  return place === undefined ? '' : ` at ${place}`;
}

/** Lines that name an error, by what they say. */
export function causesInLogs(groups: readonly LogGroup[], target: Target): Cause[] {
  return groups
    .filter(({ level }) => level === 'error')
    .map(({ service, example, count, first, last, traceId }): Cause => {
      const times = { first: Date.parse(first), last: Date.parse(last) };
      const next =
        traceId === undefined
          ? verbLine(`logs ${service}`, target, '--level', 'error')
          : verbLine(`trace ${traceId.slice(0, 8)}`, target);
      const id = traceId === undefined ? {} : { traceId };
      return { signal: 'log', service, what: example, count, ...times, ...id, next };
    });
}

/** What is so right now comes first, then the newest. A failing span whose trace a line names too is one cause. */
export function ordered(causes: readonly Cause[]): Cause[] {
  const logged = new Set(causes.flatMap(({ signal, traceId }) => (signal === 'log' && traceId) || []));
  return causes
    .filter(({ signal, traceId, count }) => signal !== 'trace' || count > 1 || !logged.has(traceId ?? ''))
    .sort(
      (one, other) => (other.last ?? Number.POSITIVE_INFINITY) - (one.last ?? Number.POSITIVE_INFINITY) || 0,
    );
}

function merge(groups: Map<string, Cause>, key: string, cause: Cause): void {
  const known = groups.get(key);
  if (known === undefined) {
    groups.set(key, cause);
    return;
  }
  const newer = (cause.last ?? 0) > (known.last ?? 0) ? cause : known;
  const first = Math.min(cause.first ?? 0, known.first ?? 0);
  groups.set(key, { ...newer, count: known.count + cause.count, first });
}
