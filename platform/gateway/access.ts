import type { rbac } from '@pulumi/kubernetes/types/input.js';
import { gatewayGroup, watchedKinds } from './gateway-api.ts';

const read = ['get', 'list', 'watch'];

/** Kinds whose status Traefik writes. */
const reportedKinds: readonly (typeof watchedKinds)[number][] = [
  'gatewayclasses',
  'gateways',
  'httproutes',
  'grpcroutes',
  'tlsroutes',
  'backendtlspolicies',
];

/**
 * The minimum with which Traefik's Gateway provider starts. It includes Secrets although no listener here uses TLS: it
 * waits until its watch of each of these kinds has started, in all namespaces, before it serves the first route.
 */
export const traefikRules: rbac.v1.PolicyRule[] = [
  { apiGroups: [''], resources: ['namespaces', 'services', 'secrets', 'configmaps'], verbs: read },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  {
    apiGroups: [gatewayGroup],
    resources: [...watchedKinds],
    verbs: read,
  },
  {
    apiGroups: [gatewayGroup],
    resources: reportedKinds.map((plural) => `${plural}/status`),
    verbs: ['update'],
  },
];
