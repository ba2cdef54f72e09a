import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { Label, managedBy } from '../../core/labels.ts';

/** Labels of every object in an environment that are known before it is claimed. */
export function environmentLabels({ app, slug }: Pick<EnvironmentPlan, 'app' | 'slug'>) {
  return { [Label.managedBy]: managedBy, [Label.app]: app, [Label.environment]: slug };
}
