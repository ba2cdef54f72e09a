import { clusterOf } from '../../cluster/kube/connections.ts';
import { changed, type Handler } from '../handler.ts';
import type { DefinitionsInputs } from './contract.ts';
import { establish, missing } from './establish.ts';

export const definitions: Handler<DefinitionsInputs> = {
  async diff(olds, news) {
    if (changed<DefinitionsInputs>(olds, news, ['kinds', 'version', 'cluster']).length > 0)
      return { changes: true };
    const absent = await missing(await clusterOf(news), news).catch(() => news.kinds);
    return {
      changes:
        absent.length > 0 ||
        changed<DefinitionsInputs>(olds, news, ['folder', 'kubeconfig', 'context']).length > 0,
    };
  },
  async create(inputs, { signal }) {
    await establish(await clusterOf(inputs), inputs, signal);
    return { id: inputs.version, outputs: inputs };
  },
  async read(_id, state) {
    return (await missing(await clusterOf(state), state)).length === state.kinds.length ? undefined : state;
  },
  async update(_id, _olds, news, { signal }) {
    await establish(await clusterOf(news), news, signal);
    return news;
  },
  async delete() {},
};
