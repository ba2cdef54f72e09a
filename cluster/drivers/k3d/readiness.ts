import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';
import { type ApiTarget, callApi } from '../api.ts';

const LOOK_EVERY_MS = 100;

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** Polls until it is true, for so many seconds; false if it never was. An exception counts as not yet. */
export function becomesTrue(seconds: number, probe: () => Promise<boolean>): Promise<boolean> {
  return until(() => probe().catch(() => false), { every: LOOK_EVERY_MS, within: seconds * 1000 });
}

/**
 * Waits until the named nodes are Ready and a pod can be created, which needs the service account `default` that the
 * controllers create once in a cluster's life. Throws COPPICE_CLUSTER_FAILED with what is still missing.
 */
export async function waitForNodes(
  target: ApiTarget,
  names: readonly string[],
  seconds: number,
): Promise<void> {
  let missing = 'the API does not answer';
  const ready = await becomesTrue(seconds, async () => {
    missing = await notYet(target, names);
    return missing === '';
  });
  if (ready) return;
  throw new CoppiceError(
    'COPPICE_CLUSTER_FAILED',
    `the cluster is not ready after ${seconds} s: ${missing}`,
    {
      hint: `for the log of a node run \`docker logs ${names[0] ?? ''}\``,
    },
  );
}

async function notYet(target: ApiTarget, names: readonly string[]): Promise<string> {
  try {
    const { status, body } = await callApi(target, '/api/v1/nodes', { timeout: 2_000 });
    if (status !== 200) return `the API answered ${status}`;
    const { items } = JSON.parse(body) as NodeList;
    const late = names.filter((name) => {
      const node = items.find(({ metadata }) => metadata.name === name);
      return !node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    });
    if (late.length > 0) return `${late.join(', ')} not Ready`;
    const account = await callApi(target, '/api/v1/namespaces/default/serviceaccounts/default');
    return account.status === 200 ? '' : 'the controllers are not working';
  } catch (error) {
    return messageOf(error);
  }
}
