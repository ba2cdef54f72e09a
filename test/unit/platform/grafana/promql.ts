import { parser } from '@prometheus-io/lezer-promql';

/** What a lint needs to know of a query. */
export interface PromqlFacts {
  /** Where it does not parse: its own words from there on. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
  /** Labels by which each aggregation groups; empty for one that groups by nothing. */
  readonly groupings: readonly (readonly string[])[];
}

export interface Selector {
  readonly metric: string;
  /** `k8s_namespace_name="$ns"` */
  readonly matchers: readonly string[];
}

/** Grafana puts a duration in their place before Prometheus sees the query. */
const durations = /\$__(rate_interval|interval|range)\b/g;

/** Reads a query by Prometheus' own grammar. */
export function readPromql(query: string): PromqlFacts {
  const text = query.replace(durations, '5m');
  const facts = { errors: [] as string[], selectors: [] as Selector[], groupings: [] as string[][] };
  parser.parse(text).iterate({
    enter: ({ type, name, from, node }) => {
      if (type.isError) facts.errors.push(text.slice(from));
      if (name === 'VectorSelector') facts.selectors.push(selectorAt(node, text));
      if (name === 'AggregateExpr') facts.groupings.push(groupingAt(node, text));
    },
  });
  return facts;
}

type Node = ReturnType<typeof parser.parse>['topNode'];

function selectorAt(node: Node, text: string): Selector {
  const metric = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: metric ? text.slice(metric.from, metric.to) : '',
    matchers: matchers.map(({ from, to }) => text.slice(from, to)),
  };
}

function groupingAt(node: Node, text: string): string[] {
  const labels =
    node.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
  return labels.map(({ from, to }) => text.slice(from, to));
}
