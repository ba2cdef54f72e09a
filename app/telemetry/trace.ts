import { defined } from '../../core/defined.ts';
import { CoppiceError, hasCode, messageOf } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { readStoredLines, type StoredLine } from '../../servers/telemetry/logs.ts';
import type { Asker } from '../../servers/telemetry/reach.ts';
import { readTrace, searchTraces, type Trace } from '../../servers/telemetry/traces.ts';
import type { Ports } from '../ports.ts';
import { nameToLookAt, type Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { presenceOf } from './presence.ts';
import { askStore } from './stores.ts';
import { extent } from './trace-summary.ts';

export interface ShownTrace {
  /** `shop/feat-b` */
  readonly environment: string;
  /** It is not there any more; its traces are. */
  readonly gone: boolean;
  readonly trace: Trace;
  /** Its log lines, the newest of them, by time; absent where the log store does not answer. */
  readonly lines?: readonly StoredLine[];
}

/** How far back the beginning of an id is looked for, the nearer first; a whole id is found however old it is. */
const HOUR_MS = 3_600_000;
const lookedBack = [HOUR_MS, 48 * HOUR_MS];
const LOOKED_AT = 1500;
/** Digits of a whole id, and of one whose first half is zero. */
const WHOLE_ID = 32;
const SHORT_ID = 16;

/**
 * A trace by its id or the beginning of it. Throws COPPICE_USAGE, COPPICE_NO_TRACE, COPPICE_AMBIGUOUS, and what naming
 * the environment and asking the store throw.
 */
export async function traceOf(id: string, target: Target, ports: Ports): Promise<ShownTrace> {
  const { name, damage } = await nameToLookAt(target, ports.cwd);
  if (damage !== undefined) ports.screen.note(messageOf(damage));
  const environment = environmentName(name.app, name.slug);
  const whole = requireId(id);
  const find = async () => findTrace(await askStore('traces'), name.namespace, whole);
  const [{ gone }, trace] = await Promise.all([presenceOf(name), find()]);
  if (trace !== undefined) return { environment, gone, trace, ...defined({ lines: await linesOf(trace) }) };
  throw noTraceError(environment, id, verbLine('traces', target));
}

/** @internal Exported for its test. */
export function noTraceError(environment: string, id: string, list: string): CoppiceError {
  const seconds = `\`${list}\` lists them; a trace appears some seconds after its last span`;
  if (id.length === WHOLE_ID)
    return new CoppiceError('COPPICE_NO_TRACE', `${environment} has no trace ${id}`, { hint: seconds });
  const [most, hours] = [LOOKED_AT.toLocaleString('en'), Math.max(...lookedBack) / HOUR_MS];
  return new CoppiceError(
    'COPPICE_NO_TRACE',
    `${environment}: no trace begins with ${id} among the newest ${most} of each service in the last ${hours} h`,
    { hint: `write all ${WHOLE_ID} digits (--json prints them) to find an older one; ${seconds}` },
  );
}

const LINES = 50;
/** Milliseconds around a trace in which its lines are. */
const AROUND_MS = 60_000;

/** A log store that is away takes nothing from the trace. */
async function linesOf({ namespace, id, spans }: Trace): Promise<readonly StoredLine[] | undefined> {
  const { start, end } = extent(spans);
  const [from, to] = [new Date(start / 1000 - AROUND_MS), new Date(end / 1000 + AROUND_MS)];
  try {
    return await readStoredLines(
      await askStore('logs'),
      { namespace, from, to, trace: id },
      { lines: LINES },
    );
  } catch (error) {
    if (error instanceof CoppiceError && !hasCode(error, 'COPPICE_INTERRUPTED')) return undefined;
    throw error;
  }
}

function requireId(id: string): string {
  if (/^[0-9a-f]{4,32}$/i.test(id)) return id.toLowerCase();
  throw new CoppiceError('COPPICE_USAGE', `${id} is no trace id`, {
    hint: 'at least four hexadecimal digits, as `wt traces` and `wt logs` print them',
  });
}

/** @internal Its test asks a store without a cluster. */
export async function findTrace(asker: Asker, namespace: string, id: string): Promise<Trace | undefined> {
  const whole = id.length === WHOLE_ID || id.length === SHORT_ID;
  const exact = whole ? await readTrace(asker, namespace, id) : undefined;
  if (exact !== undefined || id.length === WHOLE_ID) return exact;
  const to = Date.now() + HOUR_MS;
  for (const back of lookedBack) {
    const search = { from: to - HOUR_MS - back, to, limit: LOOKED_AT };
    const { traces } = await searchTraces(asker, namespace, search);
    const found = traces.filter((trace) => trace.id.startsWith(id));
    if (found.length > 1) throw ambiguous(id, found);
    if (found[0] !== undefined) return found[0];
  }
  return undefined;
}

function ambiguous(id: string, found: readonly Trace[]): CoppiceError {
  const ids = found.slice(0, 5).map((trace) => trace.id);
  return new CoppiceError('COPPICE_AMBIGUOUS', `${found.length} traces begin with ${id}`, {
    hint: `write more of its id: ${ids.join(', ')}`,
  });
}
