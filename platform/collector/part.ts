import { collectorPorts } from '../../core/telemetry.ts';
import { imageFrom, nodesFrom, volumeFrom } from '../from-record.ts';
import { entrancePolicy, nodesAt, podOf } from '../network-policy.ts';
import type { JoiningPart, PartObject } from '../part.ts';
import { claimObject } from '../volume.ts';
import { collectorRules } from './access.ts';
import {
  type CollectorArgs,
  collectorAccess,
  collectorData,
  collectorDeployment,
  collectorException,
  collectorHash,
  collectorName,
  collectorService,
} from './deployment.ts';
import { hostRoute } from './host.ts';
import { gatewayTokenName } from './names.ts';

/** What kubelets use by default. */
const usualPodLogs = '/var/log/pods';

/** Takes logs, metrics and traces, finds out whose they are, and passes them on to the stores. */
export const collector: JoiningPart<CollectorArgs> = {
  exception: collectorException,
  asks: ({ telemetry }) => telemetry !== undefined,
  argsFrom: (record) => ({
    image: imageFrom(record, 'otelcol'),
    volume: volumeFrom(record, 'collector'),
    shellImage: imageFrom(record, 'node'),
    ingress: record.ingress,
    podLogs: record.podLogs ?? usualPodLogs,
    ...nodesFrom(record),
  }),
  plan: (args) => ({
    password: gatewayTokenName,
    objects: [
      ...access,
      ...claimObject(collectorName, args.volume),
      ...entrances(args),
      { kind: 'ConfigMap', name: collectorName, body: { data: collectorData(args) } },
      { kind: 'Service', name: collectorName, body: collectorService },
      ...hostRoute(args.ingress),
      { kind: 'Deployment', name: collectorName, body: collectorDeployment(args) },
    ],
    pod: { name: collectorName, configHash: collectorHash(args), timeoutSeconds: 300 },
  }),
  sections: [
    {
      title: 'telemetry',
      checks: async (...seen) => (await import('./checks.ts')).telemetryChecks(...seen),
    },
  ],
};

/** Pods of environments send; only the gateway says whose something is. */
function entrances({ nodes }: CollectorArgs): PartObject[] {
  if (nodes === undefined) return [];
  const { otlpGrpc, otlpHttp, gateway, host, metrics } = collectorPorts;
  return [
    entrancePolicy(collectorName, [
      { ports: [otlpGrpc, otlpHttp], from: 'everybody' },
      { ports: [gateway, host], from: [podOf('gateway'), ...nodesAt(nodes)] },
      { ports: [metrics], from: [podOf('metrics')] },
    ]),
  ];
}

const access: readonly PartObject[] = [
  { kind: 'ServiceAccount', name: collectorName, body: { automountServiceAccountToken: false } },
  { kind: 'ClusterRole', name: collectorAccess.role, body: { rules: collectorRules }, scope: 'cluster' },
  {
    kind: 'ClusterRoleBinding',
    name: collectorAccess.role,
    body: {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: collectorAccess.role },
      subjects: [collectorAccess.subject],
    },
    scope: 'cluster',
  },
];
