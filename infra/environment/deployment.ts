import type { apps, core } from '@pulumi/kubernetes/types/input.js';
import type { Input } from '@pulumi/pulumi/output.js';
import type { EnvironmentPlan, ServicePlan } from '../../config/plan/plan.ts';
import { Annotation, Label } from '../../core/labels.ts';
import { configHash } from './config-hash.ts';
import { podTemplate, portName } from './pod.ts';

/**
 * What is known only once an environment is claimed. It is on the pods but not hashed; everything else is in the
 * template.
 */
export interface ClaimedIds {
  readonly environmentId: Input<string>;
  /** For a service that uses Temporal: a worker of a deleted namespace polls forever and never sees a new one. */
  readonly temporalNamespaceId?: Input<string> | undefined;
}

export function deploymentSpec(
  plan: EnvironmentPlan,
  service: ServicePlan,
  { environmentId, temporalNamespaceId }: ClaimedIds,
): apps.v1.DeploymentSpec {
  const { metadata, spec } = podTemplate(plan, service);
  return {
    replicas: service.replicas,
    revisionHistoryLimit: 1,
    selector: { matchLabels: { [Label.service]: service.name } },
    // All new pods at once, and the old ones end when these are ready: quick, and the URL never stops answering.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
    template: {
      metadata: {
        labels: { ...metadata.labels, [Label.environmentId]: environmentId },
        annotations: {
          ...metadata.annotations,
          [Annotation.configHash]: configHash(plan, service),
          ...(temporalNamespaceId && { [Annotation.temporalNamespaceId]: temporalNamespaceId }),
        },
      },
      spec,
    },
  };
}

/** Undefined for a service without a port. */
export function serviceSpec({ name, port, protocol }: ServicePlan): core.v1.ServiceSpec | undefined {
  if (port === undefined) return undefined;
  return {
    selector: { [Label.service]: name },
    ports: [{ name: portName(protocol), port, targetPort: port, protocol: 'TCP', ...appProtocol(protocol) }],
  };
}

/** Traefik speaks HTTP/1.1 to a service unless this says otherwise, and then it serves HTTP/1.1 clients too. */
function appProtocol(protocol: ServicePlan['protocol']): { appProtocol?: string } {
  return protocol === 'h2c' || protocol === 'grpc' ? { appProtocol: 'kubernetes.io/h2c' } : {};
}
