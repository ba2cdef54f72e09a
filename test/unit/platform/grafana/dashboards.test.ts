import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dashboardsFor } from '../../../../platform/grafana/dashboards/index.ts';
import { uids } from '../../../../platform/grafana/dashboards/links.ts';
import { Metric } from '../../../../platform/grafana/dashboards/metrics.ts';
import type { Dashboard, Panel, Target } from '../../../../platform/grafana/dashboards/model.ts';
import { type LogStore, logStores } from '../../../../platform/grafana/datasource-refs.ts';
import { type LintContext, problemsOf } from './lint.ts';

const root = join(import.meta.dirname, '../../../..');

function contextOf(store: LogStore): LintContext {
  return { store, metrics: new Set(Object.values(Metric)), dashboards: Object.values(uids) };
}

describe.each(logStores)('dashboards for %s', (store) => {
  test.each(Object.entries(dashboardsFor(store)))('%s has nothing that the lint finds', (_, dashboard) => {
    expect(problemsOf(dashboard, contextOf(store))).toEqual([]);
  });
});

test('dashboards/ is current; if not: node scripts/dashboards.mjs', () => {
  execFileSync(process.execPath, [join(root, 'scripts/dashboards.mjs'), '--check']);
});

type Name = 'environment' | 'environments' | 'platform';

/** The dashboard with one of its panels changed. */
function withPanel(dashboard: Dashboard, title: string, change: (panel: Panel) => Partial<Panel>): Dashboard {
  const panels = dashboard.panels.map((panel) =>
    panel.type !== 'row' && panel.title === title ? { ...panel, ...change(panel) } : panel,
  );
  return { ...dashboard, panels };
}

/** Its first query with some text replaced. */
function asking(from: string, to: string): (panel: Panel) => Partial<Panel> {
  return ({ targets }) => ({
    targets: targets.map((target) => JSON.parse(JSON.stringify(target).replaceAll(from, to)) as Target),
  });
}

interface Breakage {
  readonly says: string;
  readonly dashboard?: Name;
  readonly store?: LogStore;
  readonly panel: string;
  readonly change: (panel: Panel) => Partial<Panel>;
}

const own = String.raw`k8s_namespace_name=\"$ns\"`;

const breakages: readonly Breakage[] = [
  {
    says: 'container_cpu_usage is asked without a namespace',
    panel: 'CPU',
    change: asking(own, ''),
  },
  {
    says: 'container_cpu_usage is asked without a namespace',
    panel: 'CPU',
    change: asking(String.raw`=\"$ns`, String.raw`=~\"$ns|`),
  },
  {
    says: 'there is no metric container_cpu_utilization',
    panel: 'CPU',
    change: asking('container_cpu_usage', 'container_cpu_utilization'),
  },
  { says: 'PromQL ends at', panel: 'CPU', change: asking('sum by', 'sum of') },
  {
    says: 'environments are added up',
    dashboard: 'environments',
    panel: 'CPU',
    change: asking('by (k8s_namespace_name)', 'by (service_name)'),
  },
  {
    says: 'container_cpu_usage is asked without a namespace',
    panel: 'CPU',
    change: asking(String.raw`=\"$ns`, String.raw`=~\".+`),
  },
  {
    says: 'gateway_calls_total is asked without a namespace',
    dashboard: 'platform',
    panel: 'Gateway',
    change: asking('by (k8s_namespace_name)', 'by (service_name)'),
  },
  { says: 'there is no variable namespace', panel: 'CPU', change: asking('$ns', '$namespace') },
  {
    says: "the unit cores is none of Grafana's",
    panel: 'CPU',
    change: ({ fieldConfig }) => ({
      fieldConfig: { ...fieldConfig, defaults: { ...fieldConfig.defaults, unit: 'cores' } },
    }),
  },
  {
    says: 'no datasource victoriametrics of type prometheus is provisioned',
    panel: 'CPU',
    change: ({ datasource }) => ({ datasource: { ...datasource, uid: 'victoriametrics' } }),
  },
  {
    says: 'query A asks another datasource',
    panel: 'CPU',
    change: ({ targets }) => ({
      targets: targets.map((target) => ({ ...target, datasource: { ...target.datasource, uid: 'mine' } })),
    }),
  },
  {
    says: 'its queries need a refId each',
    panel: 'CPU',
    change: ({ targets }) => ({ targets: [...targets, ...targets] }),
  },
  { says: 'it asks nothing', panel: 'CPU', change: () => ({ targets: [] }) },
  { says: 'it has no title or no description', panel: 'CPU', change: () => ({ description: '' }) },
  {
    says: 'CPU: another panel lies over it',
    panel: 'CPU',
    change: ({ gridPos }) => ({ gridPos: { ...gridPos, w: gridPos.w + 1 } }),
  },
  {
    says: 'Restarts: it is too wide',
    panel: 'Restarts',
    change: ({ gridPos }) => ({ gridPos: { ...gridPos, w: gridPos.w + 1 } }),
  },
  {
    says: 'two panels have one id',
    panel: 'CPU',
    change: () => ({ id: 1 }),
  },
  {
    says: 'the log query names no namespace',
    panel: 'Newest errors',
    change: asking('k8s.namespace.name', 'service.name'),
  },
  {
    says: 'the log query has a bracket or a quote too many',
    panel: 'Newest errors',
    change: asking('>=17', '>=17)'),
  },
  {
    says: 'the log query names no namespace',
    store: 'loki',
    panel: 'Newest errors',
    change: asking('k8s_namespace_name', 'service_name'),
  },
  { says: 'LogQL ends at', store: 'loki', panel: 'Newest errors', change: asking('| severity', 'severity') },
  {
    says: 'the search for traces names no namespace',
    panel: 'Traces of $service',
    change: asking('k8s.namespace.name=', 'k8s.pod.name='),
  },
  {
    says: 'a trace that is shown must be that of the variable',
    panel: 'Trace $trace',
    change: asking('$trace', '0af7651916cd43dd8448eb211c80319c'),
  },
  {
    says: 'there is no dashboard coppice-one',
    panel: 'Traces of $service',
    change: ({ fieldConfig }) => ({
      fieldConfig: JSON.parse(
        JSON.stringify(fieldConfig).replace(uids.environment, 'coppice-one'),
      ) as Panel['fieldConfig'],
    }),
  },
];

test.each(breakages)(
  'the lint finds: $says',
  ({ says, dashboard = 'environment', store = 'victorialogs', ...rest }) => {
    const whole = dashboardsFor(store)[dashboard];
    if (whole === undefined) throw new Error(`no dashboard ${dashboard}`);
    const broken = withPanel(whole, rest.panel, rest.change);
    expect(JSON.stringify(broken)).not.toBe(JSON.stringify(whole));
    expect(problemsOf(broken, contextOf(store)).join('\n')).toContain(says);
  },
);

test('the lint finds a variable that offers the values of every namespace', () => {
  const { environment } = dashboardsFor('victorialogs');
  const text = JSON.stringify(environment).replaceAll(
    String.raw`k8s_namespace_name=~\"wt-.+\"`,
    String.raw`job=\"x\"`,
  );
  const problems = problemsOf(JSON.parse(text) as Dashboard, contextOf('victorialogs'));
  expect(problems).toEqual(['variable ns: it asks without a namespace']);
});
