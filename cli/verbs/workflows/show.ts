import type { Command } from '../../../app/ports.ts';
import { verbLine } from '../../../app/target/verb-line.ts';
import { onNamespace } from '../../../app/workflows/namespace.ts';
import { uiUrl } from '../../../app/workflows/ui-address.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { nearest } from '../../../core/suggest.ts';
import type { Temporal } from '../../../servers/temporal/types.ts';
import { executions } from '../../../servers/temporal/workflows/executions.ts';
import { workflowHistory } from '../../../servers/temporal/workflows/history.ts';
import { historyText } from '../../ui/history.ts';
import type { Target } from '../../verb.ts';

export interface ShowArgs extends Target {
  readonly id: string;
  /** An earlier run; the latest when absent. */
  readonly run?: string;
}

export const show: Command<ShowArgs> = (args, ports) =>
  onNamespace(args, ports, async ({ temporal, resource, record }) => {
    const { namespace } = resource.temporal;
    const history = await workflowHistory(temporal, namespace, args.id, args.run).catch((error) =>
      withSuggestion(error, temporal, namespace, args),
    );
    const ui = uiUrl(resource.server, record.http.port, namespace, history);
    return historyText(history, { ui, now: Date.now() });
  });

/** As many are looked at for an id that is near, the youngest. */
const sample = 1000;

async function withSuggestion(
  error: unknown,
  temporal: Temporal,
  namespace: string,
  { id, ...target }: ShowArgs,
): Promise<never> {
  if (!(error instanceof CoppiceError) || error.code !== 'COPPICE_NO_WORKFLOW') throw error;
  const found = await executions(temporal, namespace, '', sample);
  const near = nearest(
    id,
    found.map(({ execution }) => execution?.workflowId ?? ''),
  );
  if (near === undefined) throw error;
  const more = `${verbLine('workflows', target)} lists more`;
  const hint = near === id ? 'without --run it is the latest one' : `did you mean ${near}? ${more}`;
  throw new CoppiceError('COPPICE_NO_WORKFLOW', error.message, { hint, cause: error.cause });
}
