import type { Target } from '../../app/target/target.ts';
import type { TraceFilter, TraceList } from '../../app/telemetry/traces.ts';
import { CoppiceError } from '../../core/errors.ts';
import { flag, optionalValue, type Result, type VerbPorts, value, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

const USUAL_ROWS = 10;
const USUAL_TOKENS = 330;
/** For `--slow` alone. */
const SLOW = '200ms';

export const traces = verb({
  usage: 'traces [text]',
  summary: 'requests and workflows: how many, how slow, which failed',
  about:
    'Prints how many traces there are and how long they took, and a row for each of the newest; with a text those that have it in a name or an attribute. `wt trace ID` shows one. Needs `telemetry: {}` in coppice.yaml. Changes nothing.',
  examples: [
    ['wt traces --errors', 'those in which something failed'],
    ['wt traces --slow 500ms --since 1h', 'those that took half a second or more, the slowest first'],
    ["wt traces 'POST /orders'", 'those with this text, as in wt logs'],
  ],
  options: {
    errors: flag('only those in which something failed'),
    slow: optionalValue(
      'duration',
      `only those that took as long: ${SLOW}, 1.5s (default: ${SLOW}), the slowest first`,
    ),
    service: value('service', 'only those that went through this service'),
    since: value(
      'time',
      'how far back: 30s, 15m, 2h, 1d, or a time (default: 15m, or since the environment was created)',
    ),
    limit: value('number', `rows to print (default: ${USUAL_ROWS})`),
    all: flag('of all environments, each row with its own'),
    ...targetOptions,
  },
  run: async ([text], { errors, slow, service, since, limit, all, ...named }, ports) => {
    if (all && named.env !== undefined) throw bothError();
    const [{ tracesOf }, { durationIn, periodSince }] = await Promise.all([
      import('../../app/telemetry/traces.ts'),
      import('../../app/telemetry/period.ts'),
    ]);
    const target = targetOf(named);
    const filter = { text, failed: errors, atLeast: leastOf(slow, durationIn), service };
    const period = since === undefined ? undefined : periodSince(since, Date.now());
    const rows = rowsOf(limit);
    const list = await tracesOf({ ...filter, target: all ? undefined : target, period }, ports);
    return report(list, { filter, rows, bounded: limit !== undefined, target }, ports);
  },
});

interface Reported {
  readonly filter: TraceFilter;
  readonly rows: number;
  /** More rows than usual were asked for: what is too long goes to a file. */
  readonly bounded: boolean;
  readonly target: Target;
}

async function report(list: TraceList, reported: Reported, ports: VerbPorts): Promise<Result> {
  const { filter, rows, target } = reported;
  const [show, { bounded, boundedDocument, MOST_TOKENS }, { spill }, { verbLine }, { parseFullName }] =
    await Promise.all([
      import('../ui/telemetry/traces.ts'),
      import('../ui/telemetry/bounded.ts'),
      import('../../app/telemetry/spill.ts'),
      import('../../app/target/verb-line.ts'),
      import('../../app/target/full-name.ts'),
    ]);
  const whoseOf = (name: string | undefined) => (name === undefined ? undefined : parseFullName(name));
  const write = (text: string) => spill(whoseOf(list.environment), 'traces', text);
  const document = show.tracesDocument(list, rows);
  if (ports.json) return { json: await boundedDocument(document, 'traces', write), text: '' };
  const line = (name: string, ...words: readonly string[]) => verbLine(name, target, ...words);
  const view = { filter, limit: rows, tokens: USUAL_TOKENS, line, now: Date.now() };
  if (!reported.bounded) return { json: document, text: show.tracesText(list, view) };
  const shorter = () => show.tracesText(list, { ...view, tokens: MOST_TOKENS - 150 });
  return { json: document, text: await bounded(show.wholeTracesText(list, view), shorter, write) };
}

function bothError(): CoppiceError {
  return new CoppiceError('COPPICE_USAGE', '--all and --env exclude each other', {
    hint: 'leave one of them out',
  });
}

function leastOf(
  slow: string | true | undefined,
  durationIn: (text: string) => number | undefined,
): number | undefined {
  if (slow === undefined) return undefined;
  const least = durationIn(slow === true ? SLOW : slow);
  if (least !== undefined) return least;
  throw new CoppiceError('COPPICE_USAGE', `--slow takes a duration, not ${slow}`, {
    hint: 'wt traces --slow 500ms',
  });
}

function rowsOf(limit: string | undefined): number {
  const rows = limit === undefined ? USUAL_ROWS : Number(limit);
  if (Number.isInteger(rows) && rows > 0) return rows;
  throw new CoppiceError('COPPICE_USAGE', `--limit must be a number of rows, not ${limit}`, {
    hint: 'wt traces --limit 50',
  });
}
