import type { Output } from '@pulumi/pulumi/output.js';
import type { EnvironmentPlan } from '../config/plan/plan.ts';
import type { ManagedPostgresSettings } from '../config/settings/settings.ts';
import type { ManagedTemporalSettings } from '../config/settings/temporal.ts';
import { defined } from '../core/defined.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import { Environment } from '../infra/environment/environment.ts';
import { databaseInputs } from '../resources/database/inputs.ts';
import { temporalInputs } from '../resources/temporal-namespace/inputs.ts';
import { clusterArgs } from './cluster-args.ts';

/** Outputs of an environment's stack. */
export interface EnvironmentOutputs {
  /** URL of the primary service; absent when no service has a port. */
  readonly url?: string;
  /** URL of every service that has one, by name. */
  readonly urls: Readonly<Record<string, string>>;
  readonly namespace: Output<string>;
  readonly environmentId: Output<string>;
  readonly commit: string;
  /** Name of the environment's Temporal namespace; absent when its plan has none. */
  readonly temporalNamespace?: Output<string>;
}

export interface EnvironmentProgramArgs {
  readonly plan: EnvironmentPlan;
  readonly record: ClusterRecord;
  /** `databases.managed` of the settings. */
  readonly managed?: ManagedPostgresSettings | undefined;
  /** `temporal.managed` of the settings. */
  readonly managedTemporal?: ManagedTemporalSettings | undefined;
}

/**
 * The program of an environment's stack: `wt` runs it inline; a manual `pulumi` runs it through `environment()` of
 * index.ts.
 */
export function environmentProgram(args: EnvironmentProgramArgs): () => Promise<EnvironmentOutputs> {
  return async () => outputsOf(args.plan, createEnvironment(args));
}

export function createEnvironment(args: EnvironmentProgramArgs): Environment {
  const { plan, record } = args;
  const database = databaseInputs(plan, record, args.managed);
  const temporal = temporalInputs(plan, record, args.managedTemporal);
  const cluster = clusterArgs(record);
  return new Environment(plan.slug, {
    plan,
    cluster,
    ...defined({ database, temporal }),
  });
}

export function outputsOf(
  plan: EnvironmentPlan,
  { namespace, environmentId, temporalNamespace }: Environment,
): EnvironmentOutputs {
  const urls = urlsOf(plan);
  const primary = plan.services.find((service) => service.primary)?.name ?? '';
  const url = urls[primary];
  return {
    ...defined({ url }),
    urls,
    namespace,
    environmentId,
    commit: plan.identity.commit,
    ...(temporalNamespace && { temporalNamespace }),
  };
}

function urlsOf({ routes }: EnvironmentPlan): Record<string, string> {
  return Object.fromEntries(
    routes.filter(({ path }) => path === '/').map(({ service, url }) => [service, url]),
  );
}
