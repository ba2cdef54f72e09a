import { environmentName } from '../../core/names.ts';
import { listWorkflows, type WorkflowList } from '../../servers/temporal/workflows.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { onNamespace } from './namespace.ts';

export interface EnvironmentWorkflows {
  /** `shop/main` */
  readonly whose: string;
  readonly list: WorkflowList;
  /** Page of the namespace in the UI, where there is one. */
  readonly ui: string | undefined;
}

/** Up to `limit` of each kind, stuck, failed and running. Throws COPPICE_NO_TEMPORAL, and what reaching throws. */
export function workflowsOf(
  target: Target,
  { limit }: { readonly limit: number },
  ports: Ports,
): Promise<EnvironmentWorkflows> {
  return onNamespace(target, ports, async ({ temporal, environment, namespace, uiUrl }) => ({
    whose: environmentName(environment.app, environment.slug),
    list: await listWorkflows(temporal, namespace, { limit }),
    ui: uiUrl(),
  }));
}
