import * as units from '@grafana/grafana-foundation-sdk/units';
import { parser as logQl } from '@grafana/lezer-logql';
import { platformNamespace } from '../../../../core/labels.ts';
import { Attribute, MetricLabel } from '../../../../core/telemetry.ts';
import { uids } from '../../../../platform/grafana/dashboards/links.ts';
import type {
  Dashboard,
  GridPosition,
  LogTarget,
  MetricTarget,
  Panel,
  QueryVariable,
  Target,
  TraceSearch,
} from '../../../../platform/grafana/dashboards/model.ts';
import { jaeger, type LogStore, logs, prometheus } from '../../../../platform/grafana/datasource-refs.ts';
import { readPromql } from './promql.ts';

/** What the lint needs besides the dashboard. */
export interface LintContext {
  readonly store: LogStore;
  /** Names of the metrics that Prometheus has. */
  readonly metrics: ReadonlySet<string>;
  /** Uids of all dashboards, for links. */
  readonly dashboards: readonly string[];
}

/** Everything that is wrong with a dashboard, each with the panel that it is in. */
export function problemsOf(dashboard: Dashboard, context: LintContext): string[] {
  const panels = dashboard.panels.filter((panel): panel is Panel => panel.type !== 'row');
  return [
    ...panels.flatMap((panel) =>
      panelProblems(panel, dashboard, context).map((problem) => `${panel.title}: ${problem}`),
    ),
    ...dashboard.templating.list.flatMap((variable) =>
      variable.type === 'query' ? variableProblems(variable) : [],
    ),
    ...placeProblems(dashboard),
    ...linkProblems(dashboard, context),
  ];
}

const knownUnits = new Set(
  Object.values(units)
    .filter((unit) => typeof unit === 'string')
    .map(String),
);

function panelProblems(panel: Panel, dashboard: Dashboard, context: LintContext): string[] {
  const { unit } = panel.fieldConfig.defaults;
  const known = [prometheus, jaeger, logs[context.store]];
  return [
    ...when(!knownUnits.has(unit), `the unit ${unit} is none of Grafana's`),
    ...when(panel.title === '' || panel.description === '', 'it has no title or no description'),
    ...when(panel.targets.length === 0, 'it asks nothing'),
    ...when(
      !known.some(({ type, uid }) => panel.datasource.uid === uid && panel.datasource.type === type),
      `no datasource ${panel.datasource.uid} of type ${panel.datasource.type} is provisioned`,
    ),
    ...when(
      new Set(panel.targets.map(({ refId }) => refId)).size !== panel.targets.length ||
        panel.targets.some(({ refId }) => refId === ''),
      'its queries need a refId each',
    ),
    ...panel.targets.flatMap((target) => [
      ...when(
        target.datasource.uid !== panel.datasource.uid,
        `query ${target.refId} asks another datasource`,
      ),
      ...unknownVariables(target, dashboard),
      ...queryProblems(target, dashboard, context),
    ]),
  ];
}

function queryProblems(target: Target, dashboard: Dashboard, context: LintContext): string[] {
  if (isMetrics(target)) return promqlProblems(target, dashboard, context);
  if (isLogs(target)) return logProblems(target, context.store);
  if (isSearch(target)) {
    const inNamespace = target.tags.split(' ').includes(`${Attribute.namespace}=$ns`);
    return when(!inNamespace, 'the search for traces names no namespace');
  }
  // An id names one trace already; Jaeger takes nothing else with it.
  return when(target.query !== '$trace', 'a trace that is shown must be that of the variable');
}

function isMetrics(target: Target): target is MetricTarget {
  return target.datasource.type === prometheus.type;
}

function isLogs(target: Target): target is LogTarget {
  return Object.values(logs).some(({ type }) => type === target.datasource.type);
}

function isSearch(target: Target): target is TraceSearch {
  return 'queryType' in target && target.queryType === 'search';
}

/** Matchers of which each selector has one. */
const everyone = `${MetricLabel.namespace}=~".+"`;
const namespaceMatchers = ['="$ns"', '=~"$ns"', `="${platformNamespace}"`].map(
  (value) => MetricLabel.namespace + value,
);

function promqlProblems({ expr }: MetricTarget, dashboard: Dashboard, { metrics }: LintContext): string[] {
  const { errors, selectors, groupings } = readPromql(expr);
  const exempt = onPlatform(dashboard) && groupings.every((labels) => labels.includes(MetricLabel.namespace));
  const allowed = exempt ? [...namespaceMatchers, everyone] : namespaceMatchers;
  return [
    ...errors.map((rest) => `PromQL ends at ${JSON.stringify(rest)}`),
    ...when(selectors.length === 0, 'PromQL without a metric'),
    ...selectors.flatMap(({ metric, matchers }) => [
      ...when(
        !matchers.some((matcher) => allowed.includes(matcher)),
        `${metric} is asked without a namespace`,
      ),
      ...when(!metrics.has(metric), `there is no metric ${metric}`),
    ]),
    ...when(
      showsMany(dashboard) && groupings.some((labels) => !labels.includes(MetricLabel.namespace)),
      'environments are added up',
    ),
  ];
}

/** It alone may ask all namespaces at once, if it keeps them apart. */
function onPlatform({ uid }: Dashboard): boolean {
  return uid === uids.platform;
}

/** Whether it shows environments side by side. */
function showsMany({ templating }: Dashboard): boolean {
  return templating.list.some((variable) => variable.type === 'query' && variable.multi);
}

const logMatchers: Readonly<Record<LogStore, RegExp>> = {
  victorialogs: new RegExp(
    `^\\{${escaped(Attribute.namespace)}(="(\\$ns|${platformNamespace})"|=~"\\$\\{ns:regex\\}")[,}]`,
  ),
  loki: new RegExp(`^${MetricLabel.namespace}(="(\\$ns|${platformNamespace})"|=~"\\$\\{ns:regex\\}")$`),
};

function logProblems({ expr }: LogTarget, store: LogStore): string[] {
  if (store === 'loki') return logQlProblems(expr);
  return [
    ...when(!logMatchers.victorialogs.test(expr), 'the log query names no namespace'),
    ...when(!isBalanced(expr), 'the log query has a bracket or a quote too many'),
  ];
}

function logQlProblems(expr: string): string[] {
  const text = expr.replaceAll('$__auto', '5m');
  const problems: string[] = [];
  let selectors = 0;
  logQl.parse(text).iterate({
    enter: ({ type, name, from, node }) => {
      if (type.isError) problems.push(`LogQL ends at ${JSON.stringify(text.slice(from))}`);
      if (name !== 'Selector') return;
      selectors += 1;
      const matchers = text.slice(node.from + 1, node.to - 1).split(/\s*,\s*/);
      if (!matchers.some((matcher) => logMatchers.loki.test(matcher))) {
        problems.push('the log query names no namespace');
      }
    },
  });
  return [...problems, ...when(selectors === 0, 'LogQL without a selector')];
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Brackets outside of quotes close in their order. */
function isBalanced(text: string): boolean {
  const open: string[] = [];
  for (const character of text.replace(/"(?:[^"\\]|\\.)*"/g, '')) {
    if (character === '"') return false;
    const end = closing[character];
    if (end !== undefined) open.push(end);
    else if (Object.values(closing).includes(character) && open.pop() !== character) return false;
  }
  return open.length === 0;
}

/** `$name` or `${name}`, but for those that Grafana has itself. */
const variableUse = /\$\{?(?!_)([a-z]\w*)/g;

function unknownVariables(target: Target, { templating }: Dashboard): string[] {
  const names = templating.list.map(({ name }) => name);
  const used = [...JSON.stringify(target).matchAll(variableUse)].map(([, name]) => name ?? '');
  return used.filter((name) => !names.includes(name)).map((name) => `there is no variable ${name}`);
}

function variableProblems({ name, query: { query } }: QueryVariable): string[] {
  const [, selector = ''] = /^label_values\((\{.*\}), \w+\)$/.exec(query) ?? [];
  const { errors, selectors } = readPromql(selector);
  return when(
    errors.length > 0 ||
      !selectors.some(({ matchers }) => matchers.some((one) => one.startsWith(MetricLabel.namespace))),
    `variable ${name}: it asks without a namespace`,
  );
}

/** Of 24 columns. */
const columns = 24;

function placeProblems({ panels }: Dashboard): string[] {
  const ids = new Set(panels.map(({ id }) => id));
  const overlapping = panels.filter((panel, at) =>
    panels.slice(at + 1).some(({ gridPos }) => overlap(panel.gridPos, gridPos)),
  );
  return [
    ...when(ids.size !== panels.length, 'two panels have one id'),
    ...overlapping.map(({ title }) => `${title}: another panel lies over it`),
    ...panels
      .filter(({ gridPos: { x, w } }) => x + w > columns)
      .map(({ title }) => `${title}: it is too wide`),
  ];
}

function overlap(one: GridPosition, other: GridPosition): boolean {
  const apart =
    one.x + one.w <= other.x ||
    other.x + other.w <= one.x ||
    one.y + one.h <= other.y ||
    other.y + other.h <= one.y;
  return !apart;
}

/** Links in Grafana: to a dashboard that there is, with variables that it has. */
function linkProblems(dashboard: Dashboard, { dashboards }: LintContext): string[] {
  const targets = [...JSON.stringify(dashboard).matchAll(/"\/d\/([\w-]+)/g)].map(([, uid]) => uid ?? '');
  return targets.filter((uid) => !dashboards.includes(uid)).map((uid) => `there is no dashboard ${uid}`);
}

function when(wrong: boolean, problem: string): string[] {
  return wrong ? [problem] : [];
}

function escaped(text: string): string {
  return text.replaceAll('.', '\\.');
}
