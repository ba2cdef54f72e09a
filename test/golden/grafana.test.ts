import { expect, test } from 'vitest';
import type { GrafanaArgs } from '../../platform/grafana/deployment.ts';
import { grafana } from '../../platform/grafana/part.ts';

const args: GrafanaArgs = { image: 'docker.io/grafana/grafana:1', store: 'victorialogs', ui: true };

/** Its files are in dashboards/ already: their names do here. */
const objects = (of: GrafanaArgs) =>
  grafana
    .plan(of)
    .objects.map((object) =>
      object.kind === 'ConfigMap' ? { ...object, body: Object.keys(object.body.data ?? {}) } : object,
    );

const environmentOf = (of: GrafanaArgs) => {
  const text = JSON.stringify(objects(of).find(({ kind }) => kind === 'Deployment'));
  return Object.fromEntries(
    [...text.matchAll(/"name":"(GF_\w+)","value":"([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
};

test('Grafana is exactly what is in grafana.json', async () => {
  await expect(`${JSON.stringify(objects(args), null, 2)}\n`).toMatchFileSnapshot('grafana.json');
});

test('everybody looks and nobody logs in, and it reports nothing and looks for no updates', () => {
  expect(environmentOf(args)).toMatchObject({
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    GF_AUTH_BASIC_ENABLED: 'false',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_NEWS_NEWS_FEED_ENABLED: 'false',
    GF_SNAPSHOTS_ENABLED: 'false',
  });
});

test('the plugin for VictoriaLogs is asked for where its datasource is', () => {
  expect(environmentOf(args).GF_PLUGINS_PREINSTALL).toMatch(/^victoriametrics-logs-datasource@[\d.]+$/);
  expect(environmentOf({ ...args, store: 'loki' })).not.toHaveProperty('GF_PLUGINS_PREINSTALL');
});

test('where others reach the gateway too, it has no route: it has no logins', () => {
  const there = grafana.plan({ ...args, ui: false });
  expect(there.objects.filter(({ kind }) => kind === 'HTTPRoute')).toEqual([]);
  expect(there.route).toBeUndefined();
  expect(grafana.plan(args).route).toMatchObject({ host: 'grafana.localhost', path: '/api/health' });
});

test('other dashboards make another pod: datasources are read at its start alone', () => {
  const { pod } = grafana.plan(args);
  expect(grafana.plan(args).pod.configHash).toBe(pod.configHash);
  expect(grafana.plan({ ...args, store: 'loki' }).pod.configHash).not.toBe(pod.configHash);
});
