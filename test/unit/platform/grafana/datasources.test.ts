import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboardsFor } from '../../../../platform/grafana/dashboards/index.ts';
import type { Panel } from '../../../../platform/grafana/dashboards/model.ts';
import { logStores } from '../../../../platform/grafana/datasource-refs.ts';
import { lokiFile } from '../../../../platform/grafana/loki.ts';
import { dashboardFilesOf, provisioningFiles } from '../../../../platform/grafana/provisioning.ts';

interface Source {
  readonly name: string;
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

/** What Grafana has after it read the file: `$$` is a `$`, and there is no variable in it. */
function readByGrafana(text: string): readonly Source[] {
  expect(text.replaceAll('$$', '')).not.toContain('$');
  return (parse(text.replaceAll('$$', '$')) as { datasources: readonly Source[] }).datasources;
}

describe.each(logStores)('datasources for %s', (store) => {
  const sources = readByGrafana(provisioningFiles(store).datasources);
  const byUid = new Map(sources.map((source) => [source.uid, source]));

  test('have every uid that a dashboard names, with its type', () => {
    const panels = Object.values(dashboardsFor(store)).flatMap(({ panels }) =>
      panels.filter((panel): panel is Panel => panel.type !== 'row'),
    );
    expect(panels.length).toBeGreaterThan(20);
    for (const { datasource } of panels) expect(byUid.get(datasource.uid)?.type).toBe(datasource.type);
  });

  test('lead from a span to its lines by namespace and trace, and to metrics by namespace', () => {
    const { tracesToLogsV2: toLogs, tracesToMetrics: toMetrics } = (byUid.get('jaeger')?.jsonData ?? {}) as {
      tracesToLogsV2: { datasourceUid: string; customQuery: boolean; query: string };
      tracesToMetrics: { datasourceUid: string; tags: readonly { key: string; value: string }[] };
    };
    expect(byUid.has(toLogs.datasourceUid)).toBe(true);
    expect(toLogs.customQuery).toBe(true);
    expect(toLogs.query).toContain('${__span.tags["k8s.namespace.name"]}');
    expect(toLogs.query).toContain('${__trace.traceId}');
    expect(byUid.has(toMetrics.datasourceUid)).toBe(true);
    expect(toMetrics.tags).toContainEqual({ key: 'k8s.namespace.name', value: 'k8s_namespace_name' });
  });

  test('lead from a line and from a point of a graph to the trace, by an address that a Viewer may open', () => {
    const { derivedFields } = (byUid.get('logs')?.jsonData ?? {}) as {
      derivedFields: readonly {
        matcherType: string;
        matcherRegex: string;
        url: string;
        datasourceUid?: string;
      }[];
    };
    const { exemplarTraceIdDestinations } = (byUid.get('prometheus')?.jsonData ?? {}) as {
      exemplarTraceIdDestinations: readonly { name: string; url: string; datasourceUid?: string }[];
    };
    for (const { url, datasourceUid } of [...derivedFields, ...exemplarTraceIdDestinations]) {
      // A link by uid opens Explore.
      expect(datasourceUid).toBeUndefined();
      expect(url).toMatch(/^\/d\/coppice-environment\?var-ns=\$\{.+\}&var-trace=\$\{__value\.raw\}/);
    }
    expect(derivedFields.map(({ matcherType, matcherRegex }) => [matcherType, matcherRegex])).toEqual([
      ['label', '^trace_id$'],
    ]);
    expect(exemplarTraceIdDestinations.map(({ name }) => name)).toEqual(['trace_id']);
  });

  test('are in the cluster', () => {
    const service = store === 'loki' ? 'loki' : 'victorialogs';
    const port = store === 'loki' ? 3100 : 9428;
    expect(Object.fromEntries(sources.map(({ uid, url }) => [uid, url]))).toEqual({
      prometheus: 'http://prometheus.coppice.svc:9090',
      jaeger: 'http://jaeger.coppice.svc:16686',
      logs: `http://${service}.coppice.svc:${port}`,
    });
  });

  test('dashboards fit into one ConfigMap', () => {
    const bytes = Object.values(dashboardFilesOf(store)).reduce((sum, text) => sum + text.length, 0);
    // https://kubernetes.io/docs/concepts/configuration/configmap/: 1 MiB
    expect(bytes).toBeLessThan(512 * 1024);
  });
});

test('dashboards are provisioned from their folder, and nobody changes them in Grafana', () => {
  expect(parse(provisioningFiles('victorialogs').dashboards)).toEqual({
    apiVersion: 1,
    providers: [
      {
        name: 'coppice',
        folder: 'Coppice',
        type: 'file',
        disableDeletion: true,
        allowUiUpdates: false,
        options: { path: '/etc/coppice/dashboards' },
      },
    ],
  });
});

test('Loki makes a stream of four attributes, keeps lines for the given time and deletes on request', () => {
  const config = parse(lokiFile({ hours: 48, mebibytes: 8 })) as {
    limits_config: {
      otlp_config: { resource_attributes: object };
      retention_period: string;
      deletion_mode: string;
      allow_structured_metadata: boolean;
    };
    compactor: object;
    analytics: object;
    schema_config: { configs: readonly { store: string; schema: string; object_store: string }[] };
  };
  expect(config.limits_config.otlp_config.resource_attributes).toEqual({
    ignore_defaults: true,
    attributes_config: [
      {
        action: 'index_label',
        attributes: ['k8s.namespace.name', 'service.namespace', 'service.name', 'k8s.container.name'],
      },
    ],
  });
  expect(config.limits_config).toMatchObject({
    retention_period: '48h',
    deletion_mode: 'filter-and-delete',
    allow_structured_metadata: true,
  });
  expect(config.compactor).toMatchObject({
    retention_enabled: true,
    delete_request_store: 'filesystem',
    delete_request_cancel_period: '10m',
  });
  expect(config.analytics).toEqual({ reporting_enabled: false });
  expect(config.schema_config.configs).toMatchObject([
    { store: 'tsdb', schema: 'v13', object_store: 'filesystem' },
  ]);
});
