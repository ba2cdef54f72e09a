import { parser } from '@prometheus-io/lezer-promql';
import { CoppiceError } from '../../core/errors.ts';

/** What every selector of a confined query has: `k8s_namespace_name="wt-shop--feat-b"`. */
export interface Matcher {
  readonly label: string;
  readonly value: string;
}

/** A text that goes into a query at a place of it. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/**
 * The query with the matcher on every selector, subqueries and arguments of functions included. Matchers of one label
 * must all hold: a query that names another value itself finds nothing. Throws COPPICE_USAGE for what Prometheus' own
 * grammar does not read whole.
 */
export function confineQuery(query: string, matcher: Matcher): string {
  const insertions: Insertion[] = [];
  parser.parse(query).iterate({
    enter: ({ type, name, from, node }) => {
      if (type.isError) throw unreadable(query, from);
      if (name === 'VectorSelector') insertions.push(insertionInto(node, query, matcher));
    },
  });
  return insertions
    .sort((one, other) => other.at - one.at)
    .reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), query);
}

function insertionInto(selector: Node, query: string, { label, value }: Matcher): Insertion {
  const own = `${label}=${JSON.stringify(value)}`;
  const braces = selector.getChild('LabelMatchers');
  if (braces === null) return { at: selector.to, text: `{${own}}` };
  const alone = query.slice(braces.from + 1, braces.to - 1).trim() === '';
  return { at: braces.from + 1, text: alone ? own : `${own},` };
}

function unreadable(query: string, at: number): CoppiceError {
  const rest = query.slice(at).trim();
  const where = rest === '' ? 'its end' : `character ${at + 1}: ${rest.slice(0, 30)}`;
  return new CoppiceError('COPPICE_USAGE', `--query is no PromQL at ${where}`, {
    hint: "quote the whole query, as in wt metrics --query 'sum by (service_name) (rate(traces_span_metrics_calls_total[5m]))'",
  });
}

/**
 * Whether every selector of a query has the matcher, in the tree that Prometheus itself made of it
 * (`/api/v1/parse_query`). A tree without any selector has nothing to confine.
 */
export function isConfined(tree: unknown, matcher: Matcher): boolean {
  if (typeof tree !== 'object' || tree === null) return true;
  if (Array.isArray(tree)) return tree.every((one) => isConfined(one, matcher));
  const node = tree as Readonly<Record<string, unknown>>;
  if (isSelector(node.type) && !hasMatcher(node.matchers, matcher)) return false;
  return Object.entries(node).every(([key, below]) => key === 'matchers' || isConfined(below, matcher));
}

function isSelector(type: unknown): boolean {
  return type === 'vectorSelector' || type === 'matrixSelector';
}

function hasMatcher(matchers: unknown, { label, value }: Matcher): boolean {
  if (!Array.isArray(matchers)) return false;
  const all = matchers as readonly {
    readonly name?: string;
    readonly type?: string;
    readonly value?: string;
  }[];
  return all.some((one) => one.name === label && one.type === '=' && one.value === value);
}
