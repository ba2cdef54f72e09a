import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { grafanaHost } from '../../core/names.ts';
import { partFacts } from '../../core/part-facts.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import type { PodException } from '../pod-exception.ts';
import { serverDeployment } from '../server.ts';
import type { Ui } from '../ui-route.ts';
import type { LogStore } from './datasource-refs.ts';
import { dashboardFilesOf, folders, provisioningFiles } from './provisioning.ts';

export interface GrafanaArgs {
  /** Image reference. */
  readonly image: string;
  readonly store: LogStore;
  /** Whether its UI is reachable through the gateway. */
  readonly ui: boolean;
}

export const { service: grafanaName } = partFacts.grafana;

export const grafanaException: PodException = {
  serviceAccountToken: false,
  hostNetwork: false,
  capabilities: [],
};

/** Of its image. */
const user = 472;
const port = 3000;
/** Answers 200 once its database is there. */
const healthPath = '/api/health';

/** Names of its ConfigMaps. */
const configMaps = {
  datasources: `${grafanaName}-datasources`,
  providers: `${grafanaName}-providers`,
  dashboards: `${grafanaName}-dashboards`,
} as const;

/** The ConfigMaps by name. */
export function grafanaFiles({ store }: GrafanaArgs): Readonly<Record<string, Record<string, string>>> {
  const { datasources, dashboards } = provisioningFiles(store);
  return {
    [configMaps.datasources]: { 'coppice.yaml': datasources },
    [configMaps.providers]: { 'coppice.yaml': dashboards },
    [configMaps.dashboards]: dashboardFilesOf(store),
  };
}

export const grafanaService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: grafanaName },
    ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
  },
};

/** It knows everybody as a Viewer, who changes nothing: all of it is routed. */
export const grafanaUi: Ui = {
  host: grafanaHost,
  service: grafanaName,
  port,
  matches: [{ path: { type: 'PathPrefix', value: '/' } }],
  readyPath: healthPath,
};

/** Its datasources are read at the start alone, so the files count as well. */
export function grafanaHash(args: GrafanaArgs): string {
  return hashOf([grafanaPod(args), grafanaFiles(args)]);
}

export function grafanaDeployment(args: GrafanaArgs): Kinds['Deployment'] {
  return serverDeployment(grafanaName, grafanaHash(args), grafanaPod(args));
}

/**
 * Everybody may look, nobody may log in, and it calls nobody.
 * https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/
 */
function grafanaSettings(store: LogStore): Readonly<Record<string, string>> {
  return {
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_AUTH_ANONYMOUS_HIDE_VERSION: 'false',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    GF_AUTH_BASIC_ENABLED: 'false',
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    GF_SECURITY_DISABLE_GRAVATAR: 'true',
    GF_ANALYTICS_ENABLED: 'false',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
    GF_NEWS_NEWS_FEED_ENABLED: 'false',
    GF_SNAPSHOTS_ENABLED: 'false',
    GF_PLUGINS_PLUGIN_ADMIN_ENABLED: 'false',
    GF_PLUGINS_DISABLE_PLUGINS: unusedApps.join(','),
    ...pluginsOf(store),
    GF_UNIFIED_ALERTING_ENABLED: 'false',
    GF_LOG_MODE: 'console',
    GF_LOG_LEVEL: 'warn',
    GF_SERVER_ROOT_URL: `http://${grafanaHost}`,
    GF_PATHS_PROVISIONING: folders.provisioning,
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: `${folders.dashboards}/environments.json`,
  };
}

/** Grafana would download these at each start. */
const unusedApps = [
  'grafana-lokiexplore-app',
  'grafana-exploretraces-app',
  'grafana-metricsdrilldown-app',
  'grafana-pyroscope-app',
];

/** Apache-2.0. Grafana downloads it beside its start, so that without a network all else is there. */
const victoriaLogsPlugin = 'victoriametrics-logs-datasource@0.21.0';

function pluginsOf(store: LogStore): Readonly<Record<string, string>> {
  return store === 'victorialogs' ? { GF_PLUGINS_PREINSTALL: victoriaLogsPlugin } : {};
}

function grafanaPod({ image, store }: GrafanaArgs): core.v1.PodSpec {
  const health = { httpGet: { path: healthPath, port } };
  const mounts = Object.entries(mountedAt);
  return {
    automountServiceAccountToken: grafanaException.serviceAccountToken,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 5,
    securityContext: {
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: grafanaName,
        image,
        imagePullPolicy: 'IfNotPresent',
        env: Object.entries(grafanaSettings(store)).map(([name, value]) => ({ name, value })),
        startupProbe: { ...health, periodSeconds: 1, failureThreshold: 120 },
        readinessProbe: { ...health, periodSeconds: 10, failureThreshold: 2 },
        resources: { requests: { cpu: '20m', memory: '128Mi' }, limits: { cpu: '1', memory: '384Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          ...mounts.map(([name, mountPath]) => ({ name, mountPath, readOnly: true })),
          { name: 'data', mountPath: folders.data },
          { name: 'temporary', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      ...mounts.map(([name]) => ({ name, configMap: { name: configMaps[name as keyof typeof configMaps] } })),
      // Users, stars and the plugin: nothing that has to be kept.
      { name: 'data', emptyDir: { sizeLimit: '512Mi' } },
      { name: 'temporary', emptyDir: {} },
    ],
  };
}

/** Where its ConfigMaps are. */
const mountedAt: Readonly<Record<keyof typeof configMaps, string>> = {
  datasources: `${folders.provisioning}/datasources`,
  providers: `${folders.provisioning}/dashboards`,
  dashboards: folders.dashboards,
};
