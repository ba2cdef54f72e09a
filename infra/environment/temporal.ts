import type { CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import type { ServicePlan } from '../../config/plan/plan.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { TemporalNamespace } from '../../resources/temporal-namespace/resource.ts';

/** The Temporal namespace of an environment; undefined when its plan has none. */
export function createTemporal(
  inputs: TemporalInputs | undefined,
  options: CustomResourceOptions,
): TemporalNamespace | undefined {
  // Not deleted with the Kubernetes namespace: it is on a server that stays.
  return inputs && new TemporalNamespace('temporal', inputs, options);
}

/** The namespace after which a service starts; the others start at the same time. */
export function temporalFor(
  { usesTemporal }: ServicePlan,
  namespace: TemporalNamespace | undefined,
): TemporalNamespace | undefined {
  return usesTemporal ? namespace : undefined;
}
