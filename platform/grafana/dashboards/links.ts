import { MetricLabel } from '../../../core/telemetry.ts';
import type { DashboardLink, FieldOverride, Link } from './model.ts';

/** Fixed, so that links and bookmarks stay. */
export const uids = {
  environment: 'coppice-environment',
  environments: 'coppice-environments',
  platform: 'coppice-platform',
} as const;

/**
 * To the trace and its lines on the dashboard of the environment. An address and not a link inside Grafana: those lead
 * to Explore, which a Viewer may not open.
 */
export function traceUrl(traceId: string, namespace: string): string {
  return `/d/${uids.environment}?var-ns=${namespace}&var-trace=${traceId}&\${__url_time_range}`;
}

/** Columns of an id of a trace lead to it. */
export const traceColumn: FieldOverride = {
  // Jaeger's datasource calls the field one and shows the other.
  matcher: { id: 'byRegexp', options: '/^(traceID|Trace ID)$/' },
  properties: [{ id: 'links', value: [link('Open this trace', traceUrl('${__value.raw}', '${ns}'))] }],
};

/** Columns of a namespace lead to the environment. */
export const namespaceColumn: FieldOverride = {
  matcher: { id: 'byName', options: MetricLabel.namespace },
  properties: [
    {
      id: 'links',
      value: [
        link('Open this environment', `/d/${uids.environment}?var-ns=\${__value.raw}&\${__url_time_range}`),
      ],
    },
  ],
};

function link(title: string, url: string): Link {
  return { title, url, targetBlank: false };
}

/** At the top of every dashboard, to the others. */
export function linksFrom(own: string): DashboardLink[] {
  return destinations
    .filter(({ uid }) => uid !== own)
    .map(({ uid, title }) => ({
      ...link(title, `/d/${uid}`),
      type: 'link',
      icon: 'dashboard',
      tooltip: '',
      tags: [],
      asDropdown: false,
      includeVars: false,
      keepTime: true,
    }));
}

const destinations = [
  { uid: uids.environment, title: 'One environment' },
  { uid: uids.environments, title: 'All environments' },
  { uid: uids.platform, title: 'Platform' },
];
