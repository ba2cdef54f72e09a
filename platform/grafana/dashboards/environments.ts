import { MetricLabel } from '../../../core/telemetry.ts';
import type { LogStore } from '../datasource-refs.ts';
import { countsTarget, errorSeverity } from '../log-queries.ts';
import { dashboard } from './dashboard.ts';
import { environmentsOnly } from './environment.ts';
import type { Section } from './layout.ts';
import { namespaceColumn, uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, lineCounts, table } from './panels.ts';
import { duration, errorShare, manyEnvironments, requests, restarts, series, sum } from './queries.ts';
import { requestPanels } from './request-panels.ts';
import { labelVariables } from './variables.ts';

const scope = manyEnvironments;

/** All environments side by side, or those that are chosen. */
export function environmentsDashboard(store: LogStore): Dashboard {
  return dashboard({
    uid: uids.environments,
    title: 'All environments',
    description: 'Worktrees side by side: who is slow, who fails, who fills memory and disk.',
    variables: [
      labelVariables(
        { name: 'ns', label: 'Environments', of: MetricLabel.namespace, where: environmentsOnly },
        'wt-.+',
      ),
    ],
    sections: [
      now,
      { title: 'Requests', panels: requestPanels(scope, 'each environment') },
      resources,
      {
        title: 'Logs',
        panels: [
          lineCounts(
            {
              title: 'Errors',
              description: 'Lines of severity ERROR and above, by environment.',
              unit: 'short',
            },
            countsTarget(store, { namespace: several, several: true, severity: errorSeverity }, 'namespace'),
          ),
          lineCounts(
            { title: 'Lines', description: 'All lines, by environment: who is loud.', unit: 'short' },
            countsTarget(store, { namespace: several, several: true }, 'namespace'),
          ),
        ],
      },
    ],
  });
}

/** The chosen namespaces as one regular expression, whatever the datasource would make of a list. */
const several = '${ns:regex}';

const now: Section = {
  title: 'Now',
  panels: [
    table({
      title: 'Environments',
      description: 'Each environment as it is now. Its name leads to its own dashboard.',
      width: 24,
      labels: { [MetricLabel.namespace]: 'Environment' },
      columns: [
        { legend: 'Requests', unit: 'reqps', expr: requests(scope) },
        { legend: 'Errors', unit: 'percentunit', expr: errorShare(scope) },
        { legend: 'Duration (p95)', unit: 'ms', expr: duration(scope, 0.95) },
        { legend: 'CPU (cores)', unit: 'short', expr: sum(scope, 'cpu') },
        { legend: 'Memory', unit: 'bytes', expr: sum(scope, 'memory') },
        { legend: 'Restarts', unit: 'short', expr: restarts(scope, '$__range') },
        { legend: 'Failed workflows', unit: 'short', expr: sum(scope, 'workflowsFailed') },
      ],
      overrides: [namespaceColumn],
    }),
  ],
};

const resources: Section = {
  title: 'Pods',
  panels: [
    graph({
      title: 'CPU',
      description: 'Cores that the pods of each environment use.',
      unit: 'short',
      width: 8,
      stacked: true,
      series: [series(scope, sum(scope, 'cpu'))],
    }),
    graph({
      title: 'Memory',
      description: 'Working set of the pods of each environment.',
      unit: 'bytes',
      width: 8,
      stacked: true,
      series: [series(scope, sum(scope, 'memory'))],
    }),
    graph({
      title: 'Restarts',
      description: 'How often containers of each environment were started again.',
      unit: 'short',
      width: 8,
      stacked: true,
      series: [series(scope, restarts(scope))],
    }),
  ],
};
