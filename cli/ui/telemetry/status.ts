import type { TelemetryStatus } from '../../../app/telemetry/status.ts';
import { defined } from '../../../core/defined.ts';
import { ExitCode } from '../../../core/errors.ts';
import { age } from '../../../core/text/duration.ts';
import { size } from '../../../core/text/size.ts';
import { linesWithin } from '../../../core/text/tokens.ts';
import { cutTo, onOneLine } from '../../../core/text/width.ts';
import type { Result } from '../../define.ts';
import { figure, many } from '../figures.ts';
import { table } from '../table.ts';
import type { StatusDocument } from './schema.ts';

const ROW_TOKENS = 330;
const PROBLEMS = 5;
const NAME_WIDTH = 40;

/** What is wrong comes first, then a row for each service that sends, the queues and the disks. */
export function statusReport(
  status: TelemetryStatus,
  now: number,
): Result & { readonly json: StatusDocument } {
  const { problems } = status;
  return {
    json: statusDocument(status),
    text: [...problemLines(status), ...arrivalLines(status, now), ...stateLines(status)].join('\n'),
    exitCode: problems.length === 0 ? ExitCode.ok : ExitCode.problem,
  };
}

function problemLines({ problems }: TelemetryStatus): string[] {
  const lines = problems
    .slice(0, PROBLEMS)
    .flatMap(({ what, fix }) => [`! ${cutTo(onOneLine(what), 160)}`, `  try: ${cutTo(fix, 160)}`]);
  const left = problems.length - PROBLEMS;
  return left > 0 ? [...lines, `! ${many(left, 'problem')} more: wt telemetry status --json`] : lines;
}

function arrivalLines({ arrivals }: TelemetryStatus, now: number): string[] {
  if (arrivals.length === 0) return ['0 spans, 0 lines and 0 series in the last 5 min'];
  const rows = table([
    ['environment', 'service', 'spans', 'requests', 'lines', 'series', 'last span'],
    ...arrivals.map(({ environment, service, spans, requests, lines, series, lastSpan }) => [
      cutTo(onOneLine(environment), NAME_WIDTH),
      cutTo(onOneLine(service), NAME_WIDTH),
      ...[spans, requests, lines, series].map((count) => figure(Math.ceil(count))),
      lastSpanWords(spans, lastSpan, now),
    ]),
  ]).split('\n');
  const fitting = Math.max(2, linesWithin(rows, ROW_TOKENS));
  const left = rows.length - Math.min(fitting, rows.length);
  return [
    `what arrived in the last 5 min, per minute, from ${many(arrivals.length, 'service')}`,
    ...rows.slice(0, fitting),
    ...(left > 0 ? [`${many(left, 'service')} more: wt telemetry status --json`] : []),
  ];
}

/** A counter that is younger than the period shows no growth, so the time of its last span is not known. */
function lastSpanWords(spans: number, lastSpan: number | undefined, now: number): string {
  if (lastSpan !== undefined) return age(now - lastSpan);
  return spans > 0 ? '< 5 min' : '-';
}

function stateLines({ state, kept, added, problems }: TelemetryStatus): string[] {
  const { logBytes, logFreeBytes, metricSeries, metricBytes, memory, queues, losses } = state;
  const total = kept.reduce((sum, { lines }) => sum + lines, 0);
  const most = kept
    .slice(0, 3)
    .map(({ environment, lines }) => `${environment} ${Math.round((lines / total) * 100)} %`);
  const fullest = queues.reduce((most, { share }) => Math.max(most, share), 0);
  const free = logFreeBytes === undefined ? '' : `, ${size(logFreeBytes)} free`;
  return [
    ...(losses.length === 0 && problems.length === 0 ? ['nothing was lost in the last hour'] : []),
    ...(queues.length === 0 ? [] : [`queues: ${Math.round(fullest * 100)} % full`]),
    ...(logBytes === undefined
      ? []
      : [`logs: ${size(logBytes)}${free}; ${figure(total)} lines: ${most.join(', ')}`]),
    ...(metricSeries === undefined
      ? []
      : [
          `metrics: ${figure(metricSeries)} series${metricBytes === undefined ? '' : `, ${size(metricBytes)}`}`,
        ]),
    ...addedLine(added),
    ...(memory.length === 0
      ? []
      : [
          `memory: ${memory
            .slice(0, 8)
            .map(({ server, bytes }) => `${server} ${size(bytes)}`)
            .join(', ')}`,
        ]),
  ];
}

/** Who fills the trace store: of the log store the lines that it keeps say so. */
function addedLine(added: TelemetryStatus['added']): string[] {
  const traces = added.filter(({ store }) => store === 'traces');
  if (traces.length === 0) return [];
  const most = traces.slice(0, 3).map(({ environment, bytes }) => `${environment} ${size(bytes)}`);
  return [`traces, added in a day: ${most.join(', ')}`];
}

/** Rows of its other lists that a document shows which is too long. */
export const mostOfOthers = { problems: 40, keptLines: 40, lost: 20, added: 40, queues: 20, memory: 20 };

function statusDocument({ arrivals, state, kept, lost, added, problems }: TelemetryStatus): StatusDocument {
  return {
    schema: 1,
    arrivals: arrivals.map(({ namespace: _, lastSpan, ...rest }) => ({
      ...rest,
      ...defined({ lastSpan: lastSpan === undefined ? undefined : new Date(lastSpan).toISOString() }),
    })),
    lost: lost.map((loss) => ({ ...loss })),
    added: added.map((one) => ({ ...one })),
    queues: state.queues.map((queue) => ({ ...queue })),
    ...defined({
      logBytes: state.logBytes,
      logFreeBytes: state.logFreeBytes,
      metricSeries: state.metricSeries,
      metricBytes: state.metricBytes,
    }),
    logReadOnly: state.logReadOnly,
    memory: state.memory.map((one) => ({ ...one })),
    keptLines: kept.map((one) => ({ ...one })),
    problems: problems.map((problem) => ({ ...problem })),
  };
}
