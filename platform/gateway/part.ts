import { gateway as names, platformNamespace } from '../../core/labels.ts';
import type { PartObject, PlatformPart } from '../part.ts';
import { serverDeployment } from '../server.ts';
import { traefikRules } from './access.ts';
import { traefikController } from './gateway-api.ts';
import {
  listenerPort,
  type TraefikArgs,
  traefikException,
  traefikFile,
  traefikHash,
  traefikName,
  traefikPod,
  traefikService,
} from './traefik.ts';

/** One Gateway, with Traefik behind it. */
export const gateway: PlatformPart<TraefikArgs> = {
  exception: traefikException,
  plan: (args) => ({
    objects: [...gatewayObjects(args), ...access, ...traefikObjects(args)],
    pod: { name: traefikName, configHash: traefikHash(args), timeoutSeconds: 60 },
  }),
};

function gatewayObjects(args: TraefikArgs): PartObject[] {
  const listener = {
    name: names.listener,
    protocol: 'HTTP',
    port: listenerPort(args),
    allowedRoutes: { namespaces: { from: 'All' } },
  };
  const { name } = names;
  return [
    { kind: 'GatewayClass', name, body: { spec: { controllerName: traefikController } }, scope: 'cluster' },
    { kind: 'Gateway', name, body: { spec: { gatewayClassName: name, listeners: [listener] } } },
  ];
}

const role = `coppice-${traefikName}`;
const access: readonly PartObject[] = [
  { kind: 'ServiceAccount', name: traefikName, body: { automountServiceAccountToken: false } },
  { kind: 'ClusterRole', name: role, body: { rules: traefikRules }, scope: 'cluster' },
  {
    kind: 'ClusterRoleBinding',
    name: role,
    body: {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name: traefikName, namespace: platformNamespace }],
    },
    scope: 'cluster',
  },
];

function traefikObjects(args: TraefikArgs): PartObject[] {
  const name = traefikName;
  const service = traefikService(args);
  return [
    { kind: 'ConfigMap', name, body: { data: traefikFile(args) } },
    { kind: 'Deployment', name, body: serverDeployment(name, traefikHash(args), traefikPod(args)) },
    ...(service ? [{ kind: 'Service' as const, name, body: { spec: service } }] : []),
  ];
}
