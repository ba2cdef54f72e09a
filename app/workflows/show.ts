import { CoppiceError } from '../../core/errors.ts';
import { nearest } from '../../core/suggest.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { executions, type WorkflowHistory, workflowHistory } from '../../servers/temporal/workflows.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';
import { onNamespace } from './namespace.ts';

export interface WorkflowRequest {
  readonly id: string;
  /** An earlier run; the latest when undefined. */
  readonly run: string | undefined;
}

export interface ShownWorkflow {
  readonly history: WorkflowHistory;
  /** Page of the workflow in the UI, where there is one. */
  readonly ui: string | undefined;
}

/** Throws COPPICE_NO_WORKFLOW with a similar id, COPPICE_NO_TEMPORAL, and what reaching throws. */
export function showWorkflow(
  target: Target,
  { id, run }: WorkflowRequest,
  ports: Ports,
): Promise<ShownWorkflow> {
  return onNamespace(target, ports, async ({ temporal, namespace, uiUrl }) => {
    const history = await workflowHistory(temporal, namespace, id, run).catch((error) =>
      withSuggestion(error, temporal, namespace, id, target),
    );
    return { history, ui: uiUrl(history) };
  });
}

/** How many of the latest ids are searched for a similar one. */
const sample = 1000;

async function withSuggestion(
  error: unknown,
  temporal: Temporal,
  namespace: string,
  id: string,
  target: Target,
): Promise<never> {
  if (!(error instanceof CoppiceError) || error.code !== 'COPPICE_NO_WORKFLOW') throw error;
  const found = await executions(temporal, namespace, '', sample);
  const near = nearest(
    id,
    found.map(({ execution }) => execution?.workflowId ?? ''),
  );
  if (near === undefined) throw error;
  const more = `${verbLine('workflows', target)} lists more`;
  const hint = near === id ? 'without --run it shows the latest run' : `did you mean ${near}? ${more}`;
  throw new CoppiceError('COPPICE_NO_WORKFLOW', error.message, { hint, cause: error.cause });
}
