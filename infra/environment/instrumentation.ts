import type { CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import type { EnvironmentPlan, ServicePlan } from '../../config/plan/plan.ts';
import { type Instrumented, instrumented } from '../../config/spec/schema/telemetry.ts';
import type { ClusterArgs } from '../../resources/cluster-args.ts';
import { Instrumentation } from '../../resources/instrumentation/resource.ts';

export type Instrumentations = ReadonlyMap<Instrumented, Instrumentation>;

/** What the pods of an environment load to be traced, once for all services of a language. */
export function createInstrumentations(
  { app, slug, namespace, services }: EnvironmentPlan,
  { kubeconfig, context, uid: cluster }: ClusterArgs,
  options: CustomResourceOptions,
): Instrumentations {
  const wanted = instrumented.filter((language) =>
    services.some(({ instrument = [] }) => instrument.includes(language)),
  );
  const place = { kubeconfig, context, cluster, namespace, app, environment: slug };
  return new Map(
    wanted.map((language) => [language, new Instrumentation(language, { ...place, language }, options)]),
  );
}

/** What a service's pods cannot start without. */
export function instrumentationsOf(
  { instrument = [] }: Pick<ServicePlan, 'instrument'>,
  all: Instrumentations,
): Instrumentation[] {
  return instrument.flatMap((language) => all.get(language) ?? []);
}
