import { platformNamespace } from '../../../core/labels.ts';
import type { LogStore } from '../datasource-refs.ts';
import { countsTarget, errorSeverity, linesTarget } from '../log-queries.ts';
import { dashboard } from './dashboard.ts';
import type { Section } from './layout.ts';
import { uids } from './links.ts';
import type { Dashboard } from './model.ts';
import { graph, lineCounts, lines, stat } from './panels.ts';
import { everyone, rate, requests, restarts, type Scope, series, sum, thePlatform } from './queries.ts';

const scope = thePlatform;

/** What serves all environments: is anything dropped, refused, full? */
export function platformDashboard(store: LogStore): Dashboard {
  return dashboard({
    uid: uids.platform,
    title: 'Platform',
    description: 'The Collector, the stores and the gateway: what arrives, what is lost, what fills up.',
    variables: [],
    sections: [lost, arrives, stores, pods, logSection(store)],
  });
}

const lost: Section = {
  title: 'Lost',
  panels: [
    stat({
      title: 'Refused by the Collector',
      description:
        'Spans, points and lines a second that it had no memory for. Senders try again, some of them.',
      unit: 'cps',
      width: 6,
      bad: 0.001,
      series: [
        { expr: rate(scope, 'refusedSpans'), legend: 'spans' },
        { expr: rate(scope, 'refusedPoints'), legend: 'points' },
        { expr: rate(scope, 'refusedLines'), legend: 'lines' },
      ],
    }),
    stat({
      title: 'Refused by a store',
      description:
        'Spans, points and lines a second that a store would never take: the Collector gave them up.',
      unit: 'cps',
      width: 6,
      bad: 0.001,
      series: [
        { expr: rate(scope, 'failedSpans'), legend: 'spans' },
        { expr: rate(scope, 'failedPoints'), legend: 'points' },
        { expr: rate(scope, 'failedLines'), legend: 'lines' },
      ],
    }),
    stat({
      title: 'Dropped by the log store',
      description:
        'Lines a second that are too old, too new or too large. The store answers 200 and drops them: this counter alone tells.',
      unit: 'cps',
      width: 6,
      bad: 0.001,
      series: [{ expr: rate(scope, 'linesDropped'), legend: 'lines' }],
    }),
    stat({
      title: 'Log store is read-only',
      description: 'It takes no line while its disk is full; 1 is yes.',
      unit: 'short',
      width: 6,
      bad: 1,
      series: [{ expr: sum(scope, 'logReadOnly'), legend: 'read-only' }],
    }),
  ],
};

const exporter: Scope = { ...scope, by: ['exporter'] };

const arrives: Section = {
  title: 'Arrives',
  panels: [
    graph({
      title: 'Accepted by the Collector',
      description: 'Spans, points and lines a second.',
      unit: 'cps',
      width: 8,
      series: [
        { expr: rate(scope, 'acceptedSpans'), legend: 'spans' },
        { expr: rate(scope, 'acceptedPoints'), legend: 'points' },
        { expr: rate(scope, 'acceptedLines'), legend: 'lines' },
      ],
    }),
    graph({
      title: 'Queues of the Collector',
      description: 'How full they are. They fill while a store is away; nothing is lost before one is full.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      series: [series(exporter, `${sum(exporter, 'queueSize')} / ${sum(exporter, 'queueCapacity')}`)],
    }),
    graph({
      title: 'Gateway',
      description:
        'Requests a second, by environment; those for hosts of the platform are under its own name.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      series: [series(everyone, requests(everyone))],
    }),
  ],
};

const stores: Section = {
  title: 'Stores',
  panels: [
    graph({
      title: 'Disk of the log store',
      description: 'What VictoriaLogs has on disk, and what is free there.',
      unit: 'bytes',
      width: 6,
      series: [
        { expr: sum(scope, 'logDiskUsed'), legend: 'used' },
        { expr: sum(scope, 'logDiskFree'), legend: 'free' },
      ],
    }),
    graph({
      title: 'Lines stored',
      description: 'A second, by VictoriaLogs.',
      unit: 'cps',
      width: 6,
      series: [{ expr: rate(scope, 'linesStored'), legend: 'lines' }],
    }),
    graph({
      title: 'Disk of Prometheus',
      description: 'Its blocks, and the log of what is in memory alone.',
      unit: 'bytes',
      width: 6,
      series: [
        { expr: sum(scope, 'blockBytes'), legend: 'blocks' },
        { expr: sum(scope, 'walBytes'), legend: 'log' },
      ],
    }),
    graph({
      title: 'Series of Prometheus',
      description: 'Series in memory, which its memory grows with.',
      unit: 'short',
      width: 6,
      series: [{ expr: sum(scope, 'headSeries'), legend: 'series' }],
    }),
  ],
};

const pods: Section = {
  title: 'Pods',
  panels: [
    graph({
      title: 'CPU',
      description: 'Cores that each server of the platform uses.',
      unit: 'short',
      width: 8,
      series: [series(scope, sum(scope, 'cpu'))],
    }),
    graph({
      title: 'Memory',
      description: 'Working set of each server of the platform.',
      unit: 'bytes',
      width: 8,
      series: [series(scope, sum(scope, 'memory'))],
    }),
    graph({
      title: 'Restarts',
      description: 'How often each server of the platform was started again.',
      unit: 'short',
      width: 8,
      series: [series(scope, restarts(scope))],
    }),
  ],
};

function logSection(store: LogStore): Section {
  const errors = { namespace: platformNamespace, severity: errorSeverity };
  return {
    title: 'Logs',
    panels: [
      lineCounts(
        {
          title: 'Errors',
          description: 'Lines of severity ERROR and above, by server.',
          unit: 'short',
          width: 8,
        },
        countsTarget(store, errors, 'service'),
      ),
      lines(
        { title: 'Newest errors', description: 'Lines of severity ERROR and above.', width: 16 },
        linesTarget(store, errors),
      ),
    ],
  };
}
