import { type Output, output } from '@pulumi/pulumi/output.js';
import { rpcKeepAlive } from '@pulumi/pulumi/runtime/settings.js';
import type { EnvironmentPlan } from '../config/plan/plan.ts';
import type { Providers } from '../resources/providers.ts';
import { asRunError, type ByHandOptions, planByHand } from './by-hand.ts';
import { createEnvironment, type EnvironmentOutputs, outputsOf } from './environment.ts';

export type { EnvironmentPlan } from '../config/plan/plan.ts';
export type { ByHandOptions } from './by-hand.ts';

/** An environment in a Pulumi program; every Output is also an output of the stack when exported. */
export interface EnvironmentHandle {
  /** URL of the primary service. */
  readonly url: Output<string | undefined>;
  /** URL of every service that has one, by name. */
  readonly urls: Output<Readonly<Record<string, string>>>;
  /** Kubernetes namespace, known as soon as it is claimed. */
  readonly namespace: Output<string>;
  /** 8 hexadecimal digits. */
  readonly environmentId: Output<string>;
  readonly commit: Output<string>;
  /** Name of its Temporal namespace, known as soon as that is usable; undefined when the spec asks for none. */
  readonly temporalNamespace: Output<string | undefined>;
  /** All of these that this environment has, by the same names: Pulumi warns about an undefined output. */
  readonly outputs: Promise<EnvironmentOutputs>;
  /** The complete plan of the environment, as plain data. */
  readonly plan: Promise<EnvironmentPlan>;
  /** For a team's own resources: `new k8s.core.v1.ConfigMap('x', {...}, { provider: (await env.providers).kubernetes })`. */
  readonly providers: Promise<Providers>;
}

/**
 * The environment of the worktree that `pulumi` was started in, with all its resources.
 *
 * @example
 * const { environment } = require('coppice');
 * module.exports = environment().outputs;
 */
export function environment(options: ByHandOptions = {}): EnvironmentHandle {
  // Without this a program that exports nothing could end before its first resource is registered.
  const done = rpcKeepAlive();
  const built = build(options).finally(done);
  const of = <T>(pick: (all: Awaited<typeof built>) => T | Output<T>) =>
    output(built.then(pick)) as unknown as Output<T>;
  return {
    url: of(({ outputs }) => outputs.url),
    urls: of(({ outputs }) => outputs.urls),
    namespace: of(({ outputs }) => outputs.namespace),
    environmentId: of(({ outputs }) => outputs.environmentId),
    commit: of(({ outputs }) => outputs.commit),
    temporalNamespace: of(({ outputs }) => outputs.temporalNamespace),
    outputs: built.then(({ outputs }) => outputs),
    plan: built.then(({ plan }) => plan),
    providers: built.then(({ providers }) => providers),
  };
}

async function build(options: ByHandOptions) {
  try {
    const args = await planByHand(options);
    const { plan } = args;
    const created = createEnvironment(args);
    return { plan, providers: created.providers, outputs: outputsOf(plan, created) };
  } catch (error) {
    throw asRunError(error);
  }
}
