import type { LogsAnswer } from '../../../app/environments/ask-logs.ts';
import { answerBytes, spill } from '../../../app/telemetry/spill.ts';
import type { LogsDocument } from './schema.ts';

/** Rows that a document has whose whole is in a file. */
const FIRST_ROWS = 10;

/** What `--json` prints. What is longer than 32 kB goes to a file, and the document has its place and its first rows. */
export async function logsDocumentOf(answer: LogsAnswer): Promise<LogsDocument> {
  const whole = wholeDocument(answer);
  const text = JSON.stringify(whole, null, 2);
  if (Buffer.byteLength(text) <= answerBytes) return whole;
  const file = await spill(answer.name, 'logs', `${text}\n`);
  const { groups, lines, rows } = whole;
  return {
    ...whole,
    ...(groups && { groups: groups.slice(0, FIRST_ROWS).map(shortened) }),
    ...(lines && { lines: lines.slice(-FIRST_ROWS).map(shortened) }),
    ...(rows && { rows: rows.slice(0, FIRST_ROWS).map(shortened) }),
    truncated: true,
    file,
  };
}

/** @internal Its test checks it by the schema. */
export function wholeDocument(answer: LogsAnswer): LogsDocument {
  const { name, gone, from, to, began, service, text, totals, kept } = answer;
  const { app, slug, namespace } = name ?? {};
  return {
    schema: 1,
    ...(app !== undefined &&
      slug !== undefined &&
      namespace !== undefined && { environment: { app, slug, namespace, gone } }),
    from: from.toISOString(),
    to: to.toISOString(),
    ...(began && { began: began.toISOString() }),
    ...(service !== undefined && { service }),
    ...(text !== undefined && { text }),
    totals,
    ...(kept && { kept: { from: kept.from.toISOString(), totals: kept.totals } }),
    ...rowsOf(answer),
  };
}

function rowsOf(
  answer: LogsAnswer,
): Pick<LogsDocument, 'matched' | 'groups' | 'lines' | 'rows' | 'truncated'> {
  if (answer.kind === 'rows') return { rows: answer.rows.map((row) => ({ ...row })), truncated: false };
  const { matched } = answer;
  if (answer.kind === 'groups') return { matched, groups: [...answer.groups], truncated: false };
  const lines = answer.lines.map((line) => ({ ...line, fields: { ...line.fields } }));
  return { matched, lines, truncated: lines.length < matched.total };
}

/** Bytes of a text in a document that is cut: a line may have a megabyte. */
const TEXT_LENGTH = 1_000;

function shortened<T extends object>(row: T): T {
  const cut = (value: unknown) =>
    typeof value === 'string' && value.length > TEXT_LENGTH ? `${value.slice(0, TEXT_LENGTH)}…` : value;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cut(value)])) as T;
}
