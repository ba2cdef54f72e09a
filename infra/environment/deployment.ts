import type { apps, core } from '@pulumi/kubernetes/types/input.js';
import type { Input } from '@pulumi/pulumi/output.js';
import type { EnvironmentPlan, ServicePlan } from '../../config/plan/plan.ts';
import { Annotation, Label } from '../../core/labels.ts';
import { configHash } from './expectations.ts';
import { podSpec } from './pod.ts';

export function deploymentSpec(
  plan: EnvironmentPlan,
  service: ServicePlan,
  labels: Readonly<Record<string, Input<string>>>,
  annotations: Readonly<Record<string, Input<string>>> = {},
): apps.v1.DeploymentSpec {
  const selector = { [Label.service]: service.name };
  return {
    replicas: service.replicas,
    revisionHistoryLimit: 1,
    selector: { matchLabels: selector },
    // All new pods at once, the old ones end when these are ready: quick, and the URL never stops answering.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
    template: {
      metadata: {
        labels: { ...labels, ...selector },
        annotations: { [Annotation.configHash]: configHash(plan, service), ...annotations },
      },
      spec: podSpec(plan, service),
    },
  };
}

/** Undefined for a service that listens on nothing. */
export function serviceSpec({ name, port }: ServicePlan): core.v1.ServiceSpec | undefined {
  if (port === undefined) return undefined;
  return {
    selector: { [Label.service]: name },
    ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
  };
}
