import type { Output } from '@pulumi/pulumi/output.js';
import { databaseInputs, type ManagedSettings } from '../config/database-inputs.ts';
import type { EnvironmentPlan } from '../config/plan.ts';
import { Environment } from '../infra/environment/environment.ts';
import type { ClusterRecord } from '../state/cluster-record.ts';
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
}

export interface EnvironmentProgramArgs {
  readonly plan: EnvironmentPlan;
  readonly record: ClusterRecord;
  /** `databases.managed` of the settings. */
  readonly managed?: ManagedSettings | undefined;
}

/** The program of an environment's stack: `wt` runs it inline, `environment()` of index.ts by hand. */
export function environmentProgram(args: EnvironmentProgramArgs): () => Promise<EnvironmentOutputs> {
  return async () => outputsOf(args.plan, createEnvironment(args));
}

export function createEnvironment({ plan, record, managed }: EnvironmentProgramArgs): Environment {
  const database = databaseInputs(plan, record, managed);
  return new Environment(plan.slug, { plan, cluster: clusterArgs(record), ...(database && { database }) });
}

export function outputsOf(
  plan: EnvironmentPlan,
  { namespace, environmentId }: Environment,
): EnvironmentOutputs {
  const urls = urlsOf(plan);
  const primary = plan.services.find((service) => service.primary)?.name ?? '';
  const url = urls[primary];
  return {
    ...(url === undefined ? {} : { url }),
    urls,
    namespace,
    environmentId,
    commit: plan.identity.commit,
  };
}

function urlsOf({ routes }: EnvironmentPlan): Record<string, string> {
  return Object.fromEntries(
    routes.filter(({ path }) => path === '/').map(({ service, url }) => [service, url]),
  );
}
