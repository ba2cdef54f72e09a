import type { EnvironmentPlan, ServicePlan } from '../../config/plan/plan.ts';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { podTemplate } from './pod.ts';

/** They never change while a Deployment lives. Hashing them would only restart the pods of every older environment. */
const fixedLabels: readonly string[] = [Label.managedBy, Label.app, Label.environment, Label.service];

/**
 * Value of the annotation on a service's pods: covers the whole template. Pods with another value are not the wanted
 * ones; what it does not cover can change without `up` waiting for it.
 */
export function configHash(plan: EnvironmentPlan, service: ServicePlan): string {
  const { metadata, spec } = podTemplate(plan, service);
  const labels = Object.entries(metadata.labels).filter(([name]) => !fixedLabels.includes(name));
  // Absent where empty, as it was when the hash covered only the spec.
  return hashOf({
    ...spec,
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
    ...(Object.keys(metadata.annotations).length > 0 && { annotations: metadata.annotations }),
  });
}
