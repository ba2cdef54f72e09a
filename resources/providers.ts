import { ProviderResource, type Resource } from '@pulumi/pulumi/resource.js';
import { pins } from '../core/pins.ts';
import type { ClusterArgs } from './cluster-args.ts';

class Provider extends ProviderResource {}

export interface Providers {
  readonly kubernetes: ProviderResource;
  readonly coppice: ProviderResource;
}

/**
 * Both providers, explicitly: a default one would use the context that the user has currently selected. The SDK's own
 * `Provider` class would load the whole SDK (0.5 s) to pass on these few strings.
 */
export function clusterProviders(cluster: ClusterArgs, parent: Resource): Providers {
  const { kubeconfig, context, uid } = cluster;
  const settings = {
    // Path, not contents: the state must hold no credentials.
    kubeconfig,
    context,
    // Only another cluster is another provider; a kubeconfig that moved must not replace every object.
    clusterIdentifier: uid,
    // Provider settings that are not text are passed as JSON.
    enableServerSideApply: 'true',
    kubeClientSettings: JSON.stringify({ qps: 200, burst: 400 }),
  };
  return {
    kubernetes: new Provider('kubernetes', 'kubernetes', settings, {
      parent,
      version: pins.pulumiKubernetes,
    }),
    // Without a version: a state of an older coppice must still open with the installed plugin.
    coppice: new Provider('coppice', 'coppice', {}, { parent }),
  };
}
