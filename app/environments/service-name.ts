import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Annotation, Label } from '../../core/labels.ts';
import { didYouMean } from '../../core/suggest.ts';
import { noEnvironmentError } from '../target/no-environment.ts';
import { requireOwn } from '../target/ownership.ts';
import type { EnvironmentName } from '../target/target.ts';

/** The named service, or all, of an existing environment. Throws COPPICE_NO_ENVIRONMENT, COPPICE_NO_SERVICE. */
export async function requireService(
  kube: Kube,
  name: EnvironmentName,
  service: string | undefined,
): Promise<string[]> {
  const { app, slug, namespace } = name;
  const [owner, deployments] = await Promise.all([
    unlessGone(kube.core.readNamespace({ name: namespace })),
    kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service }),
  ]);
  if (!owner) throw noEnvironmentError(name);
  const { [Annotation.repository]: repository, [Annotation.branch]: branch } =
    owner.metadata?.annotations ?? {};
  requireOwn(name, { repository, branch });
  const services = deployments.items
    .flatMap(({ metadata }) => metadata?.labels?.[Label.service] ?? [])
    .sort();
  if (service === undefined) return services;
  if (services.includes(service)) return [service];
  throw new CoppiceError('COPPICE_NO_SERVICE', `${app}/${slug} has no service ${service}`, {
    hint: didYouMean(service, services, 'services'),
  });
}
