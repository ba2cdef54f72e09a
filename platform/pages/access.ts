import type { rbac } from '@pulumi/kubernetes/types/input.js';
import { gatewayGroup } from '../gateway/gateway-api.ts';

const follow = ['list', 'watch'];

/** The minimum: where requests go, why nothing answers there, and slices that lead to this program. */
const rules: rbac.v1.PolicyRule[] = [
  { apiGroups: [gatewayGroup], resources: ['httproutes'], verbs: follow },
  { apiGroups: [''], resources: ['services'], verbs: follow },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: [...follow, 'create', 'delete'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
];

/** What a program printed is shown only on the machine that runs it. */
const readLogs: rbac.v1.PolicyRule = { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] };

export function pagesRules(local: boolean): rbac.v1.PolicyRule[] {
  return local ? [...rules, readLogs] : rules;
}
