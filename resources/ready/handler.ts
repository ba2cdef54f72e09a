import { clusterOf } from '../../cluster/kube/connections.ts';
import { changed, type Handler } from '../handler.ts';
import { readiness } from './check.ts';
import type { ReadyInputs } from './contract.ts';
import { waitUntilReady } from './wait.ts';

const wanted = ['namespace', 'services', 'routes', 'gateway', 'http', 'headers', 'generation'] as const;

/** Nothing is ready until it says so. */
export const ready: Handler<ReadyInputs> = {
  /**
   * What is not ready now is a change, whatever the state says: so every `up` waits, also after one that failed and was
   * taken back, and a preview shows it.
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
  /** Only `diff` knows what is wanted now, so whether it is ready is not kept in the state. */
  async read(_id, state) {
    return state;
  },
  async update(_id, _olds, news, { signal }) {
    await waitUntilReady(await clusterOf(news), news, signal);
    return news;
  },
  async delete() {},
};
