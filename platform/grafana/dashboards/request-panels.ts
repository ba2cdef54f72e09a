import { graph, type PlacedPanel } from './panels.ts';
import { duration, errorShare, requests, type Scope, series } from './queries.ts';

/** Requests, errors and duration. */
export function requestPanels(scope: Scope, whose: string): PlacedPanel[] {
  return [
    graph({
      title: 'Requests',
      description: `Requests a second that ${whose} answered, as the gateway saw them.`,
      unit: 'reqps',
      width: 8,
      series: [series(scope, requests(scope))],
    }),
    graph({
      title: 'Errors',
      description: `The share of requests to ${whose} that failed.`,
      unit: 'percentunit',
      width: 8,
      max: 1,
      series: [series(scope, errorShare(scope))],
    }),
    graph({
      title: 'Duration',
      description: `How long ${whose} took for 95 of 100 requests. A point is one request and leads to its trace.`,
      unit: 'ms',
      width: 8,
      exemplars: true,
      series: [series(scope, duration(scope, 0.95))],
    }),
  ];
}
