import type { rbac } from '@pulumi/kubernetes/types/input.js';

/** The minimum: whose pod a connection or a log file is, and what containers use. */
export const collectorRules: rbac.v1.PolicyRule[] = [
  { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] },
];
