import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../config/settings/settings.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { byPublishedPart, byVolumeKey, partFacts, type VolumeKey } from '../../core/part-facts.ts';
import { type ClusterRecord, writeClusterRecord } from '../../core/state/cluster-record.ts';
import type { NodeFolder, VolumeClaim } from '../../core/volume.ts';
import { clusterNodes } from '../ask-nodes.ts';
import type { ClusterDriver, DriverContext } from '../driver.ts';
import { answeringUid } from '../identity.ts';
import { upstreamImages } from '../images/catalogue.ts';
import { nodeAddresses } from '../node-addresses.ts';
import { callApi } from './api.ts';

/** A cluster that is managed elsewhere, identified by a context of a kubeconfig. */
export function existingDriver({ settings, progress }: DriverContext): ClusterDriver {
  const { existing, ports } = settings;
  if (existing === undefined) {
    throw new CoppiceError('COPPICE_NO_CONTEXT', 'driver `existing` is chosen, but no context is named', {
      hint: 'add `existing: {context: NAME}` to the settings; `kubectl config get-contexts` lists the names',
    });
  }
  const { context, mountPath } = existing;
  const path = existing.kubeconfig ?? defaultKubeconfig(process.env);
  const target = { kubeconfig: path, context };

  return {
    name: 'existing',
    kubeconfig: () => ({ path, context }),
    async start() {
      const task = progress.start(`cluster of context ${context}`);
      try {
        const uid = await answeringUid(target);
        const [nodes, addresses] = await Promise.all([clusterNodes(target), nodeAddresses(target)]);
        const record: ClusterRecord = {
          driver: 'existing',
          kubeconfig: path,
          context,
          uid,
          http: { port: ports.http },
          ...(existing.ingress === 'host-loopback' ? byPublishedPart((part) => ({ port: ports[part] })) : {}),
          ingress: existing.ingress,
          ...byVolumeKey((part) => volumeOf(existing[partFacts[part].volume.key])),
          ...defined({ mountPath, nodeAddresses: addresses }),
          ...nodes,
          images: { ...upstreamImages(), ...existing.images },
        };
        await writeClusterRecord(record);
        task.done('answers');
        return record;
      } catch (error) {
        task.fail(messageOf(error));
        throw error;
      }
    },
    async check() {
      await answeringUid(target);
    },
    async stop() {
      progress.note(`the cluster of context ${context} is not managed by coppice, so it keeps running`);
    },
    async status() {
      try {
        const { status } = await callApi(target, '/version');
        if (status === 200)
          return { state: 'running', parts: [{ name: 'API server', state: 'answers', detail: context }] };
        return refused(`answered ${status}`);
      } catch (error) {
        return refused(messageOf(error));
      }
    },
    async importImages() {
      throw new CoppiceError(
        'COPPICE_NOT_OURS',
        `images cannot be imported into the cluster of context ${context}`,
        {
          hint: 'push them to a registry that this cluster pulls from, and name them with `image:`',
        },
      );
    },
    async reset() {
      throw new CoppiceError(
        'COPPICE_NOT_OURS',
        `the cluster of context ${context} is not managed by coppice, so it was not deleted`,
        {
          hint: '`wt down` removes an environment, `wt platform down` the platform',
        },
      );
    },
  };

  function refused(detail: string) {
    return {
      state: 'degraded' as const,
      parts: [{ name: 'API server', state: 'does not answer', detail }],
      problem: `the cluster of context ${context} does not answer: ${detail}`,
    };
  }
}

function volumeOf(settings: NonNullable<Settings['existing']>[VolumeKey]): NodeFolder | VolumeClaim {
  if ('hostPath' in settings) return { kind: 'node-folder', path: settings.hostPath };
  const { size, storageClass } = settings;
  return { kind: 'claim', size, ...defined({ storageClass }) };
}

/** The first file of KUBECONFIG, else ~/.kube/config: what kubectl would write to. */
export function defaultKubeconfig(env: NodeJS.ProcessEnv): string {
  return env.KUBECONFIG?.split(':').find((file) => file !== '') ?? join(homedir(), '.kube', 'config');
}
