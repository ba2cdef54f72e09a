import { CoppiceError } from '../../../core/errors.ts';
import { type ApiTarget, callApi } from '../api.ts';
import { policyUser } from './processes.ts';

const group = '/apis/rbac.authorization.k8s.io/v1';

/**
 * What kubeadm's later phases would have bound: its administrators, the API server's access to kubelet (logs, exec),
 * CoreDNS.
 */
const objects = [
  {
    path: `${group}/clusterrolebindings`,
    body: binding('kubeadm:cluster-admins', 'cluster-admin', {
      kind: 'Group',
      name: 'kubeadm:cluster-admins',
    }),
  },
  {
    path: `${group}/clusterrolebindings`,
    body: binding('kubeadm:apiserver-kubelet-client', 'system:kubelet-api-admin', {
      kind: 'User',
      name: 'kube-apiserver-kubelet-client',
    }),
  },
  {
    path: `${group}/clusterroles`,
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns' },
      rules: [
        {
          apiGroups: [''],
          resources: ['endpoints', 'services', 'pods', 'namespaces'],
          verbs: ['list', 'watch'],
        },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
  },
  {
    path: `${group}/clusterrolebindings`,
    body: binding('system:coredns', 'system:coredns', { kind: 'User', name: 'system:coredns' }),
  },
];

/** What the program that enforces network policies reads; it writes nothing. */
const policyObjects = [
  {
    path: `${group}/clusterroles`,
    body: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `system:${policyUser}` },
      rules: [
        { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] },
      ],
    },
  },
  {
    path: `${group}/clusterrolebindings`,
    body: binding(`system:${policyUser}`, `system:${policyUser}`, {
      kind: 'User',
      name: `system:${policyUser}`,
    }),
  },
];

function binding(name: string, role: string, subject: { kind: string; name: string }) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', ...subject }],
  };
}

/** Creates what is missing, as the superuser: the administrator has no rights before this. */
export function grantPermissions(superuser: ApiTarget): Promise<void> {
  return createMissing(superuser, objects);
}

/** Creates what is missing for the program that enforces network policies, as the superuser. */
export function grantPolicies(superuser: ApiTarget): Promise<void> {
  return createMissing(superuser, policyObjects);
}

interface Permission {
  readonly path: string;
  readonly body: { readonly metadata: { readonly name: string } };
}

async function createMissing(superuser: ApiTarget, objects: readonly Permission[]): Promise<void> {
  for (const { path, body } of objects) {
    const { status, body: answer } = await callApi(superuser, path, { method: 'POST', body });
    if (status !== 201 && status !== 409) {
      throw new CoppiceError(
        'COPPICE_CLUSTER_FAILED',
        `the API server refused ${body.metadata.name}: ${answer}`,
      );
    }
  }
}
