import { partFacts } from '../../../core/part-facts.ts';
import { Attribute, MetricLabel } from '../../../core/telemetry.ts';
import { jaeger, type LogStore } from '../datasource-refs.ts';
import { countsTarget, errorSeverity, linesTarget } from '../log-queries.ts';
import { dashboard } from './dashboard.ts';
import type { Section } from './layout.ts';
import { traceColumn, uids } from './links.ts';
import type { Dashboard, TraceById, TraceSearch } from './model.ts';
import { graph, lineCounts, lines, table, trace, traceList } from './panels.ts';
import {
  answered,
  duration,
  errorShare,
  oneEnvironment,
  operations,
  rate,
  requests,
  restarts,
  series,
  sum,
} from './queries.ts';
import { requestPanels } from './request-panels.ts';
import { labelVariable, textVariable } from './variables.ts';

const scope = oneEnvironment;

/** One environment, from its requests to the lines of one trace. */
export function environmentDashboard(store: LogStore): Dashboard {
  return dashboard({
    uid: uids.environment,
    title: 'One environment',
    description: 'Requests, pods, database, workflows, logs and traces of one worktree.',
    variables: [
      labelVariable({ name: 'ns', label: 'Environment', of: MetricLabel.namespace, where: environmentsOnly }),
      labelVariable({ name: 'service', label: 'Service', of: MetricLabel.service, where: scope.matcher }),
      textVariable('trace', 'Trace'),
    ],
    sections: [
      { title: 'Requests', panels: requestPanels(scope, 'each service') },
      pods,
      spans,
      servers(store),
      logSection(store),
      traces,
      oneTrace(store),
    ],
  });
}

/** The platform has a dashboard of its own. */
export const environmentsOnly = `${MetricLabel.namespace}=~"wt-.+"`;

const pods: Section = {
  title: 'Pods',
  panels: [
    graph({
      title: 'CPU',
      description: 'Cores that the pods of each service use, by the kubelet.',
      unit: 'short',
      width: 8,
      series: [series(scope, sum(scope, 'cpu'))],
    }),
    graph({
      title: 'Memory',
      description:
        'Working set of the pods of each service, by the kubelet: what the limit is compared with.',
      unit: 'bytes',
      width: 8,
      series: [series(scope, sum(scope, 'memory'))],
    }),
    graph({
      title: 'Restarts',
      description: 'How often containers of each service were started again.',
      unit: 'short',
      width: 8,
      series: [series(scope, restarts(scope))],
    }),
  ],
};

const spans: Section = {
  title: 'Operations',
  panels: [
    table({
      title: 'Operations',
      description: 'What instrumented services answered, to the gateway and to each other.',
      width: 24,
      labels: { [MetricLabel.service]: 'Service', span_name: 'Operation' },
      columns: [
        { legend: 'Calls', unit: 'reqps', expr: requests(operations, answered) },
        { legend: 'Errors', unit: 'percentunit', expr: errorShare(operations, answered) },
        { legend: 'Duration (p50)', unit: 'ms', expr: duration(operations, 0.5, answered) },
        { legend: 'Duration (p95)', unit: 'ms', expr: duration(operations, 0.95, answered) },
      ],
    }),
  ],
};

/** Its other services count what they ask each other. */
const frontend = 'exported_service_name="frontend"';

function servers(store: LogStore): Section {
  return {
    title: 'Database and workflows',
    panels: [
      lines(
        {
          title: 'Database',
          description:
            "What PostgreSQL said of this environment's database: errors, slow statements, deadlocks.",
          width: 8,
        },
        linesTarget(store, { namespace: '$ns', service: partFacts.postgres.service }),
      ),
      graph({
        title: 'Temporal',
        description: 'Requests to the Temporal namespace of this environment, and those that failed.',
        unit: 'reqps',
        width: 8,
        series: [
          { expr: rate(scope, 'temporalRequests', frontend), legend: 'requests' },
          { expr: rate(scope, 'temporalErrors', frontend), legend: 'failed' },
        ],
      }),
      graph({
        title: 'Workflows that ended',
        // What grew in each step would miss the first of each kind: its series begins with 1.
        description: 'How many have ended since Temporal started, by how they did.',
        unit: 'short',
        width: 8,
        series: [
          { expr: sum(scope, 'workflowsCompleted'), legend: 'completed' },
          { expr: sum(scope, 'workflowsFailed'), legend: 'failed' },
          { expr: sum(scope, 'workflowsTimedOut'), legend: 'timed out' },
        ],
      }),
    ],
  };
}

function logSection(store: LogStore): Section {
  const errors = { namespace: '$ns', severity: errorSeverity };
  return {
    title: 'Logs',
    panels: [
      lineCounts(
        {
          title: 'Errors',
          description: 'Lines of severity ERROR and above, by service.',
          unit: 'short',
          width: 8,
        },
        countsTarget(store, errors, 'service'),
      ),
      lines(
        {
          title: 'Newest errors',
          description: 'Lines of severity ERROR and above. The id in a line leads to its trace.',
          width: 16,
        },
        linesTarget(store, errors),
      ),
    ],
  };
}

const traces: Section = {
  title: 'Traces',
  panels: [
    traceList(
      { title: 'Failed traces of $service', description: 'Traces with a span whose status is ERROR.' },
      [search(`${Attribute.error}=true`)],
      [traceColumn],
    ),
    traceList(
      { title: 'Traces of $service', description: 'The newest traces in which this service has a span.' },
      [search()],
      [traceColumn],
    ),
  ],
};

/** Jaeger finds by service alone; the namespace is one of its tags. */
function search(...tags: readonly string[]): TraceSearch {
  return {
    refId: 'A',
    datasource: jaeger,
    queryType: 'search',
    service: '$service',
    tags: [`${Attribute.namespace}=$ns`, ...tags].join(' '),
    limit: 20,
  };
}

function oneTrace(store: LogStore): Section {
  const byId: TraceById = { refId: 'A', datasource: jaeger, query: '$trace' };
  return {
    title: 'One trace',
    panels: [
      trace(
        {
          title: 'Trace $trace',
          description:
            'Its spans. An id from a list above, from a line or from a point of a graph is shown here.',
          width: 24,
        },
        byId,
      ),
      lines(
        {
          title: 'Lines of trace $trace',
          description: 'What services of this environment said while they worked on it.',
          width: 24,
        },
        linesTarget(store, { namespace: '$ns', trace: '$trace' }),
      ),
    ],
  };
}
