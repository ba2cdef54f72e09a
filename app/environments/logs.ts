import { type EndedRun, type LogLine, type LogRun, readEnded, readLogs } from '../../cluster/kube/logs.ts';
import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { nearest } from '../../core/suggest.ts';
import { counted } from '../../core/text/counted.ts';
import type { AskedLevel } from '../../servers/telemetry/severity.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { type EnvironmentName, nameToLookAt, type Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { isAsked, recordsOf } from '../telemetry/pod-lines.ts';
import { meant, noServiceError } from './meant-service.ts';
import { requireService } from './service-name.ts';

/** Receives what the logs have, as it is read. */
export interface LogReader {
  /** Processes whose lines follow; with `follow` again for each that begins later. */
  readonly onRuns: (runs: readonly LogRun[]) => void;
  readonly onLine: (line: LogLine) => void;
  /** With `previous`, before the lines of this process. */
  readonly onEnded: (run: EndedRun) => void;
}

export interface LogsRequest {
  readonly target: Target;
  /** A service, and a text; a word that is no service is a text. All lines of all services when empty. */
  readonly words: readonly string[];
  /** From `--service`. */
  readonly service?: string;
  /** This level and the weightier ones. */
  readonly level?: AskedLevel;
  /** No line from before. */
  readonly from?: Date;
  /** Continues with new lines until Ctrl+C. */
  readonly follow: boolean;
  /** Output of containers before their last restart. */
  readonly previous: boolean;
  /** Lines of each pod to begin with; when absent, 100, or all that may hold the asked ones. */
  readonly tail?: number;
  /** Receives the services first, and returns what receives the rest. */
  readonly print: (services: readonly string[]) => LogReader;
}

/**
 * Returns how many pods had something to read. Throws COPPICE_NO_ENVIRONMENT, COPPICE_NO_SERVICE,
 * COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN.
 */
export async function printLogs(request: LogsRequest, ports: Ports): Promise<number> {
  const { target, follow, previous, print } = request;
  const { name, damage } = await nameToLookAt(target, ports.cwd);
  if (damage !== undefined) ports.screen.note(messageOf(damage));
  const { kube, record } = await connectCluster();
  return callCluster(record, async () => {
    const all = await requireService(kube, name, undefined);
    const { service, text } = meant(request, all);
    const [word] = request.words;
    if (text !== undefined && text === word) refuseTypo(word, all);
    const services = service === undefined ? all : [service];
    const asked = { ...defined({ text, level: request.level, from: request.from }) };
    const tail = request.tail ?? (Object.keys(asked).length === 0 ? USUAL_LINES : SEARCHED_LINES);
    const where = { namespace: name.namespace, services, tail };
    const { reader, seen } = onlyAsked(print(services), asked, name.namespace);
    if (previous) return passEnded(await readEnded(kube, where), reader);
    return interruptible(ports.interrupts, async (signal) => {
      if (follow) return readLogs(kube, { ...where, ...reader, follow, signal });
      const lines: LogLine[] = [];
      const found: LogRun[] = [];
      const onLine = (line: LogLine) => void lines.push(line);
      const onRuns = (runs: readonly LogRun[]) => {
        found.push(...runs);
        reader.onRuns(runs);
      };
      const pods = await readLogs(kube, { ...where, onRuns, onLine, follow, signal });
      for (const line of inOrderOfTime(lines)) reader.onLine(line);
      if (seen.lines > 0 && seen.asked === 0) ports.screen.note(`0 of ${counted(seen.lines, 'line')} match`);
      for (const note of notesOn(found, name, target)) ports.screen.note(note);
      return pods;
    });
  });
}

/** Lines of each pod, unless others are asked for. */
const USUAL_LINES = 100;
/** Lines of each pod in which a text or a level is looked for. */
const SEARCHED_LINES = 10_000;

/** `wt logs wbe`: the service was meant. Throws COPPICE_NO_SERVICE. */
function refuseTypo(word: string, services: readonly string[]): void {
  if (nearest(word, services) !== undefined) throw noServiceError(word, services);
}

/** A reader that gets only the asked lines; those that belong to a line, as the frames of a stack trace, come with it. */
function onlyAsked(
  reader: LogReader,
  asked: Parameters<typeof isAsked>[1],
  namespace: string,
): { readonly reader: LogReader; readonly seen: { lines: number; asked: number } } {
  const seen = { lines: 0, asked: 0 };
  if (Object.keys(asked).length === 0) return { reader, seen };
  const passed = new Map<string, boolean>();
  const onLine = (line: LogLine) => {
    seen.lines += 1;
    const [record] = recordsOf([line], namespace);
    const belongs = /^[ \t]|^$/.test(line.text) ? passed.get(line.pod) : undefined;
    const passes = belongs ?? (record !== undefined && isAsked(record, asked));
    passed.set(line.pod, passes);
    if (!passes) return;
    seen.asked += 1;
    reader.onLine(line);
  };
  return { reader: { ...reader, onLine }, seen };
}

/**
 * What the lines do not show: that there was nothing to read, or processes that ended before.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function notesOn(
  runs: readonly LogRun[],
  { app, slug }: Pick<EnvironmentName, 'app' | 'slug'>,
  target: Target,
): string[] {
  if (runs.length === 0)
    return [`${app}/${slug}: no process has begun there; \`${verbLine('status', target)}\` says why`];
  const services = [...new Set(runs.map(({ service }) => service))].sort();
  return services.flatMap((service) => {
    const ends = runs.reduce((sum, run) => sum + (run.service === service ? run.restarts : 0), 0);
    if (ends === 0) return [];
    const times = ends === 1 ? 'once' : `${ends} times`;
    const line = verbLine(['logs', service], target, '--previous');
    return [`${service} restarted ${times}; \`${line}\` shows what it printed before`];
  });
}

function passEnded(ended: Awaited<ReturnType<typeof readEnded>>, reader: LogReader): number {
  reader.onRuns(ended.map(({ run }) => run));
  for (const { run, lines } of ended) {
    reader.onEnded(run);
    for (const line of lines) reader.onLine(line);
  }
  return ended.length;
}

/**
 * Lines of several pods as they were printed; one without a time stays behind the one before it in its pod.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function inOrderOfTime(lines: readonly LogLine[]): LogLine[] {
  const last = new Map<string, number>();
  const timed = lines.map((line) => {
    const time = line.time === undefined ? (last.get(line.pod) ?? 0) : Date.parse(line.time);
    last.set(line.pod, time);
    return { line, time };
  });
  return timed.sort((one, other) => one.time - other.time).map(({ line }) => line);
}
