import type { Instrumented } from '../../config/spec/schema/telemetry.ts';
import type { Contract, OnCluster } from '../contract.ts';

/**
 * A ConfigMap with what `instrument:` loads into the processes of an environment's pods: files of this package, which
 * every cluster can be given without an image and without a folder that its nodes see. As an ordinary ConfigMap their
 * 600 or 700 kB would be in Pulumi's state twice. A newer version of them replaces the content; running processes keep what
 * they have loaded, so no pod is replaced for it.
 */
export const instrumentationContract: Contract<'Instrumentation', InstrumentationInputs> = {
  token: 'coppice:index:Instrumentation',
  words: 'instrumentation for',
  outputs: {},
};

export interface InstrumentationInputs extends OnCluster {
  /** Kubernetes namespace of the environment. */
  readonly namespace: string;
  readonly app: string;
  /** The slug. */
  readonly environment: string;
  readonly language: Instrumented;
}
