import { type EndedRun, type LogLine, type LogRun, readEnded, readLogs } from '../../cluster/kube/logs.ts';
import { messageOf } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports } from '../ports.ts';
import { type EnvironmentName, nameToLookAt, type Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
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
  /** Undefined for all services. */
  readonly service: string | undefined;
  /** Continues with new lines until Ctrl+C. */
  readonly follow: boolean;
  /** Output of containers before their last restart. */
  readonly previous: boolean;
  /** Lines of each pod to begin with. */
  readonly tail: number;
  /** Receives the services first, and returns what receives the rest. */
  readonly print: (services: readonly string[]) => LogReader;
}

/**
 * Returns how many pods had something to read. Throws COPPICE_NO_ENVIRONMENT, COPPICE_NO_SERVICE,
 * COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN.
 */
export async function printLogs(request: LogsRequest, ports: Ports): Promise<number> {
  const { target, service, follow, previous, tail, print } = request;
  const { name, damage } = await nameToLookAt(target, ports.cwd);
  if (damage !== undefined) ports.screen.note(messageOf(damage));
  const { kube, record } = await connectCluster();
  return callCluster(record, async () => {
    const services = await requireService(kube, name, service);
    const where = { namespace: name.namespace, services, tail };
    const reader = print(services);
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
      for (const note of notesOn(found, name, target)) ports.screen.note(note);
      return pods;
    });
  });
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
    const line = verbLine(`logs ${service}`, target, '--previous');
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
