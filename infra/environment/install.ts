import type { CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import type { EnvironmentPlan, InstallPlan, ServicePlan } from '../../config/plan/plan.ts';
import type { ClusterArgs } from '../../resources/cluster-args.ts';
import { installInputs, installName } from '../../resources/install/inputs.ts';
import { Install } from '../../resources/install/resource.ts';

export type Installs = ReadonlyMap<InstallPlan, Install>;

/** What has to be installed for the pods of an environment, each in a volume of its own. */
export function createInstalls(
  plan: EnvironmentPlan,
  cluster: ClusterArgs,
  options: CustomResourceOptions,
): Installs {
  const { installs = [] } = plan;
  return new Map(
    installs.map((install) => [
      install,
      new Install(installName(install), installInputs(plan, cluster, install), options),
    ]),
  );
}

/** What a service's pods see instead of the host's folders, if anything. */
export function installOf(
  { installs = [] }: Pick<EnvironmentPlan, 'installs'>,
  { name }: Pick<ServicePlan, 'name'>,
): InstallPlan | undefined {
  return installs.find(({ services }) => services.includes(name));
}
