import { readClusterRecord } from '../core/state/cluster-record.ts';
import type { TemporalInputs } from '../resources/temporal-namespace/contract.ts';
import { temporalNamespace } from '../resources/temporal-namespace/handler.ts';
import { connectTemporal } from '../servers/temporal/connection/connection.ts';
import type { Temporal } from '../servers/temporal/types.ts';

const { signal } = new AbortController();

/** Creates and deletes namespaces as the engine does, through the resource's own code in this process. */
export interface Namespaces {
  readonly temporal: Temporal;
  create(environment: string): Promise<Made>;
}

export interface Made {
  /** Temporal's name. */
  readonly name: string;
  remove(): Promise<void>;
}

/** The platform's server must be up. */
export async function namespacesOf(app: string): Promise<Namespaces> {
  const record = await readClusterRecord();
  if (!record?.temporal) throw new Error('the cluster publishes no Temporal');
  const { kubeconfig, context, uid: cluster } = record;
  const { port } = record.temporal;
  const inputs = (environment: string): TemporalInputs => ({
    kubeconfig,
    context,
    cluster,
    app,
    environment,
    namespace: `wt-${app}--${environment}`,
    repository: '/bench/.git',
    branch: environment,
    worktree: '/bench',
    server: { kind: 'platform', port },
    temporal: {
      server: 'platform',
      namespace: `wt-${app}--${environment}`,
      retentionSeconds: 86_400,
      searchAttributes: { OrderId: 'Keyword' },
    },
  });
  return {
    temporal: await connectTemporal({ address: `127.0.0.1:${port}` }),
    create: async (environment) => {
      const { id, outputs } = await temporalNamespace.create(inputs(environment), { signal });
      return { name: id, remove: () => temporalNamespace.delete(id, outputs, { signal }) };
    },
  };
}
