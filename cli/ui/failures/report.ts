import type { Cause } from '../../../app/environments/causes.ts';
import type { EnvironmentErrors } from '../../../app/environments/errors.ts';
import type { Suspect } from '../../../app/environments/suspects.ts';
import type { Target } from '../../../app/target/target.ts';
import { verbLine } from '../../../app/target/verb-line.ts';
import { answerBytes, spill } from '../../../app/telemetry/spill.ts';
import { environmentName } from '../../../core/names.ts';
import { counted } from '../../../core/text/counted.ts';
import { linesWithin, tokensIn } from '../../../core/text/tokens.ts';
import { clock, figure } from '../figures.ts';
import { oneLine, periodWords, shortId } from '../logs/words.ts';
import { table } from '../table.ts';
import type { ErrorsDocument } from './schema.ts';

/** Tokens of an answer that nobody asked to be longer. */
const TOKENS = 600;
/** Columns of what failed. */
const COLUMNS = 180;
const SUSPECT_COLUMNS = 120;

/** What `wt errors` says for people: each cause in a row, and the command for each. */
export function errorsReport(
  found: EnvironmentErrors,
  { target, full }: { readonly target: Target; readonly full: boolean },
): string {
  const { name, state, since, to, causes, lines, unseen } = found;
  const whose = environmentName(name.app, name.slug);
  const period = state === 'gone' ? periodWords(since, to) : `${periodWords(since, to)}, since the last up`;
  const head = `${whose}: ${stateText(state)}  ${period}  ${countOf(causes, state)}`;
  const notes = [
    ...unseen.map((why) => `  not asked: ${oneLine(why, COLUMNS)}`),
    ...(lines === 'pods' ? ["  lines are from the pods' own logs"] : []),
  ];
  const suspected = suspectLines(found.suspects, full);
  if (causes.length === 0)
    return [head, ...notes, ...suspected, `next: ${verbLine('logs', target)}`].join('\n');
  const rows = table(
    [['n', 'from', 'first', 'last', 'what'], ...causes.map((cause) => cells(cause, to, full))],
    '  ',
  ).split('\n');
  const pairs = [
    rows[0] ?? '',
    ...causes.map(({ next }, at) => `${rows[at + 1]}\n${' '.repeat(6)}next: ${next}`),
  ];
  if (full) return [head, ...notes, ...pairs, ...suspected].join('\n');
  const more = (shown: number) =>
    `  … ${counted(causes.length - shown, 'more cause')}: ${verbLine('errors', target, '--full')}`;
  const fits = Math.max(
    2,
    linesWithin(pairs, TOKENS - tokensIn([head, ...notes, more(0), ...suspected].join('\n')) - 10),
  );
  const rest = fits < pairs.length ? [more(fits - 1)] : [];
  return [head, ...notes, ...pairs.slice(0, fits), ...rest, ...suspected].join('\n');
}

/** Suspects of an answer that nobody asked to be longer. */
const MOST_SUSPECTS = 3;

function suspectLines(suspects: readonly Suspect[], full: boolean): string[] {
  if (suspects.length === 0) return [];
  const shown = full ? suspects : suspects.slice(0, MOST_SUSPECTS);
  const lines = shown.map(({ service, what, count, next }) => {
    const times = count === 1 ? '' : ` (${figure(count)} times)`;
    return `  ${service}: ${oneLine(what, full ? undefined : SUSPECT_COLUMNS)}${times}  ${next}`;
  });
  const more = suspects.length - shown.length;
  const rest = more > 0 ? [`  … ${more} more: --full`] : [];
  return ['did not fail, and may be worth a look:', ...lines, ...rest];
}

function stateText(state: string): string {
  return state === 'gone' ? 'gone; what it said is kept' : state;
}

function countOf(causes: readonly Cause[], state: string): string {
  if (causes.length > 0) return counted(causes.length, 'cause');
  if (state === 'starting') return '0 causes so far: it is still starting';
  return ['up', 'stopped', 'gone'].includes(state) ? '0 causes: nothing failed' : '0 causes found';
}

function cells(
  { signal, service, what, count, first, last, traceId }: Cause,
  now: Date,
  full: boolean,
): string[] {
  const text = oneLine(what, full ? undefined : COLUMNS);
  const named = service === undefined || names(text, service) ? text : `${service}: ${text}`;
  return [
    figure(count),
    signal,
    first === undefined || count === 1 ? '' : clock(first, now.getTime()),
    last === undefined ? 'now' : clock(last, now.getTime()),
    traceId === undefined ? named : `${named}  trace ${shortId(traceId)}`,
  ];
}

/** As a word of its own: the path `/api/orders` names no service `api`. */
function names(text: string, service: string): boolean {
  return text.split(/[\s:,()]+/).includes(service);
}

/** Causes that a document has whose whole is in a file. */
const FIRST_CAUSES = 10;

/** What `--json` prints; what is longer than 32 kB goes to a file. */
export async function errorsDocumentOf(found: EnvironmentErrors): Promise<ErrorsDocument> {
  const whole = wholeErrors(found);
  const text = JSON.stringify(whole, null, 2);
  if (Buffer.byteLength(text) <= answerBytes) return whole;
  const file = await spill(found.name, 'errors', `${text}\n`);
  const causes = whole.causes
    .slice(0, FIRST_CAUSES)
    .map((cause) => ({ ...cause, what: cause.what.slice(0, 1_000) }));
  return { ...whole, file, causes };
}

/** @internal Its test checks it by the schema. */
export function wholeErrors(found: EnvironmentErrors): ErrorsDocument {
  const { name, state, since, to, lines, unseen, causes, suspects } = found;
  const { app, slug, namespace } = name;
  return {
    schema: 1,
    app,
    slug,
    namespace,
    state,
    since: since.toISOString(),
    to: to.toISOString(),
    lines,
    unseen: [...unseen],
    total: causes.length,
    causes: causes.map(({ first, last, ...cause }) => ({
      ...cause,
      ...(first !== undefined && { first: new Date(first).toISOString() }),
      ...(last !== undefined && { last: new Date(last).toISOString() }),
    })),
    suspects: suspects.slice(0, FIRST_CAUSES).map((suspect) => ({ ...suspect })),
  };
}
