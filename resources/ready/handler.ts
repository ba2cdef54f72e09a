import { clusterOf } from '../../cluster/kube/connections.ts';
import { changed, type Handler } from '../handler.ts';
import { readiness } from './check.ts';
import type { ReadyInputs } from './contract.ts';
import { waitUntilReady } from './wait.ts';

const wanted = [
  'namespace',
  'services',
  'routes',
  'optional',
  'gateway',
  'http',
  'headers',
  'generation',
] as const;

/** Nothing is ready before it reports so. */
export const ready: Handler<ReadyInputs> = {
  /**
   * Not being ready is a change, whatever the state says: so every `up` waits, even after one that failed and was
   * reverted, and a preview shows it.
   */
  async diff(olds, news) {
    if (changed<ReadyInputs>(olds, news, wanted).length > 0) return { changes: true };
    const now = await readiness(await clusterOf(news), news).catch(() => undefined);
    return { changes: !now?.ready || changed<ReadyInputs>(olds, news, ['kubeconfig', 'context']).length > 0 };
  },
  async create(inputs, { signal }) {
    await waitUntilReady(await clusterOf(inputs), inputs, signal);
    return { id: inputs.namespace, outputs: inputs };
  },
  /** Only `diff` knows what is wanted, so readiness is not kept in the state. */
  async read(_id, state) {
    return state;
  },
  async update(_id, _olds, news, { signal }) {
    await waitUntilReady(await clusterOf(news), news, signal);
    return news;
  },
  async delete() {},
};
