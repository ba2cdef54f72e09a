import type { Command } from '../../../app/ports.ts';
import { onNamespace } from '../../../app/workflows/namespace.ts';
import { uiUrl } from '../../../app/workflows/ui-address.ts';
import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import { environmentName } from '../../../core/names.ts';
import { listWorkflows } from '../../../servers/temporal/workflows/workflows.ts';
import { listing } from '../../ui/workflows.ts';
import type { Target } from '../../verb.ts';

export interface ListArgs extends Target {
  /** Lines of each kind for people. */
  readonly limit?: string;
}

const defaultLines = 20;
/** As many of each kind are looked at closely, so that what is stuck is found among many that run. */
const looked = 200;

export const list: Command<ListArgs> = async (args, ports) => {
  const limit = lines(args.limit);
  return onNamespace(args, ports, async ({ temporal, environment, resource, record }) => {
    const { namespace } = resource.temporal;
    const found = await listWorkflows(temporal, namespace, { limit: Math.max(limit, looked) });
    const whose = environmentName(environment.app, environment.slug);
    const ui = uiUrl(resource.server, record.http.port, namespace);
    return listing(found, { whose, target: args, ui, limit, now: Date.now() });
  });
};

function lines(text: string | undefined): number {
  const limit = text === undefined ? defaultLines : Number(text);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new CoppiceError('COPPICE_USAGE', `--limit wants a number of lines, not ${text}`, {
    hint: 'wt workflows --limit 100',
    exitCode: ExitCode.usage,
  });
}
