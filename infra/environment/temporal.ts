import type { Input } from '@pulumi/pulumi/output.js';
import type { CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import type { ServicePlan } from '../../config/plan/plan.ts';
import { Annotation } from '../../core/labels.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import { TemporalNamespace } from '../../resources/temporal-namespace/resource.ts';

/** The Temporal namespace of an environment; undefined when its plan has none. */
export function createTemporal(
  inputs: TemporalInputs | undefined,
  options: CustomResourceOptions,
): TemporalNamespace | undefined {
  // Not deleted with the Kubernetes namespace: it lies in a server that stays.
  return inputs && new TemporalNamespace('temporal', inputs, options);
}

/** The namespace that a service starts after; the others start beside it. */
export function temporalFor(
  { usesTemporal }: ServicePlan,
  namespace: TemporalNamespace | undefined,
): TemporalNamespace | undefined {
  return usesTemporal ? namespace : undefined;
}

/** For the pods of such a service: a worker of a namespace that is gone asks for ever, and hears nothing of a new one. */
export function temporalAnnotations(
  namespace: TemporalNamespace | undefined,
): Readonly<Record<string, Input<string>>> {
  return namespace ? { [Annotation.temporalNamespaceId]: namespace.namespaceId } : {};
}
