import type { apps, core, networking, rbac } from '@pulumi/kubernetes/types/input.js';
import type { Input } from '@pulumi/pulumi/output.js';
import { CustomResource, type CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import { fieldManager } from '../core/labels.ts';
import { pins } from '../core/pins.ts';

export interface Metadata {
  readonly name: string;
  readonly namespace?: Input<string>;
  readonly labels?: Readonly<Record<string, Input<string>>>;
  readonly annotations?: Readonly<Record<string, Input<string>>>;
}

export interface RouteMatch {
  readonly path: { readonly type: 'PathPrefix' | 'Exact'; readonly value: string };
  readonly method?: 'GET' | 'HEAD' | 'POST';
}

export interface HttpRouteSpec {
  readonly parentRefs: readonly { name: string; namespace: string; sectionName: string }[];
  /** Absent: every host that no other route has. */
  readonly hostnames?: readonly string[];
  readonly rules: readonly {
    readonly matches: readonly RouteMatch[];
    readonly filters: readonly {
      readonly type: 'ResponseHeaderModifier';
      readonly responseHeaderModifier: {
        readonly set: readonly { name: string; value: Input<string> }[];
        readonly remove?: readonly string[];
      };
    }[];
    readonly backendRefs: readonly { readonly name: string; readonly port: number }[];
  }[];
}

/** The fields of each kind beyond its metadata. */
export interface Kinds {
  Namespace: Record<never, never>;
  ConfigMap: { data: Readonly<Record<string, string>> };
  Service: { spec: core.v1.ServiceSpec };
  ServiceAccount: { automountServiceAccountToken: boolean };
  PersistentVolumeClaim: { spec: core.v1.PersistentVolumeClaimSpec };
  ResourceQuota: { spec: core.v1.ResourceQuotaSpec };
  LimitRange: { spec: core.v1.LimitRangeSpec };
  Deployment: { spec: apps.v1.DeploymentSpec };
  NetworkPolicy: { spec: networking.v1.NetworkPolicySpec };
  ClusterRole: { rules: rbac.v1.PolicyRule[] };
  ClusterRoleBinding: { roleRef: rbac.v1.RoleRef; subjects: rbac.v1.Subject[] };
  GatewayClass: { spec: { controllerName: string } };
  Gateway: { spec: { gatewayClassName: string; listeners: readonly object[] } };
  HTTPRoute: { spec: HttpRouteSpec };
}
export type Kind = keyof Kinds;

const groups: Readonly<Record<Kind, string>> = {
  Namespace: 'core/v1',
  ConfigMap: 'core/v1',
  Service: 'core/v1',
  ServiceAccount: 'core/v1',
  PersistentVolumeClaim: 'core/v1',
  ResourceQuota: 'core/v1',
  LimitRange: 'core/v1',
  Deployment: 'apps/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  ClusterRole: 'rbac.authorization.k8s.io/v1',
  ClusterRoleBinding: 'rbac.authorization.k8s.io/v1',
  GatewayClass: 'gateway.networking.k8s.io/v1',
  Gateway: 'gateway.networking.k8s.io/v1',
  HTTPRoute: 'gateway.networking.k8s.io/v1',
};

/**
 * Any object of the official Kubernetes provider, the same in the state as @pulumi/kubernetes' own classes. Those load
 * the SDK's root with its closure serialiser and Automation API: 0.5 s of each `up`.
 */
export class KubernetesObject<K extends Kind> extends CustomResource {
  constructor(kind: K, name: string, metadata: Metadata, body: Kinds[K], options: CustomResourceOptions) {
    const apiVersion = groups[kind].replace(/^core\//, '');
    const annotations = { ...engineAnnotations, ...metadata.annotations };
    super(
      `kubernetes:${groups[kind]}:${kind}`,
      name,
      { apiVersion, kind, metadata: { ...metadata, annotations }, ...body },
      { ...options, version: pins.pulumiKubernetes },
    );
  }
}

const engineAnnotations = {
  // `coppice:index:Ready` is the one wait; the provider's own takes 10 s for a Service alone.
  'pulumi.com/skipAwait': 'true',
  // A run that failed half-way leaves objects that the next one finds; the claim has already settled who owns them.
  'pulumi.com/patchForce': 'true',
  'pulumi.com/patchFieldManager': fieldManager,
};
