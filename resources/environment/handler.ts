import { clusterUid, unlessGone } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { Label } from '../../core/labels.ts';
import { isSameRepository } from '../../core/state/moved-repositories.ts';
import { changed, changedIdentity, type Handler } from '../handler.ts';
import { claim, claimedError, release } from './claim.ts';
import type { EnvironmentInputs, EnvironmentOutputs } from './contract.ts';

/** A change of these means another environment. The kubeconfig's path and context only say how to reach it. */
const identity = ['cluster', 'app', 'slug', 'repository', 'branch'] as const;
const details = ['kubeconfig', 'context', 'repository', 'worktree', 'commit', 'httpPort'] as const;

export const environment: Handler<EnvironmentInputs, EnvironmentOutputs> = {
  check(news, olds) {
    // One slug is one stack as well: the state may be another branch's, and a replacement would delete its environment.
    const same = olds && olds.app === news.app && olds.slug === news.slug && olds.cluster === news.cluster;
    if (!same || (olds.branch === news.branch && isSameRepository(olds.repository, news.repository)))
      return [];
    const { message, hint } = claimedError(news.slug, olds, news);
    return [{ property: 'branch', reason: `${message}\n→ ${hint}` }];
  },
  async diff(olds, news) {
    const replaces = changedIdentity<EnvironmentInputs>(olds, news, identity);
    return {
      changes: replaces.length > 0 || changed<EnvironmentInputs>(olds, news, details).length > 0,
      replaces,
    };
  },
  async create(inputs, { signal }) {
    const outputs = await claim(await clusterOf(inputs), inputs, signal);
    return { id: outputs.namespace, outputs };
  },
  async read(id, state) {
    const kube = await clusterOf(state);
    // A recreated cluster has nothing of the old one.
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    const there = await unlessGone(kube.core.readNamespace({ name: id }));
    if (!there || there.metadata?.deletionTimestamp) return undefined;
    return there.metadata?.labels?.[Label.environmentId] === state.environmentId ? state : undefined;
  },
  async update(_id, olds, news, { signal }) {
    return claim(await clusterOf(news), { ...olds, ...news }, signal);
  },
  async delete(_id, state, { signal }) {
    await release(await clusterOf(state), state, signal);
  },
};
