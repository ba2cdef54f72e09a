import type { core } from '@pulumi/kubernetes/types/input.js';
import { Annotation, Label, managedBy } from '../core/labels.ts';
import type { Volume } from '../core/volume.ts';
import type { Kinds } from '../resources/kubernetes-object.ts';
import type { OwnFolder } from './pod-exception.ts';
import { ownFolder, volumeSource } from './volume.ts';

/** One pod of a server with exclusive data; `hash` is over everything that should replace it. */
export function serverDeployment(name: string, hash: string, pod: core.v1.PodSpec): Kinds['Deployment'] {
  const labels = { [Label.managedBy]: managedBy, [Label.service]: name };
  return {
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { [Label.service]: name } },
      // Two servers cannot share one folder, one file or one port.
      strategy: { type: 'Recreate' },
      template: { metadata: { labels, annotations: { [Annotation.configHash]: hash } }, spec: pod },
    },
  };
}

/** The pod of a server that keeps data. */
export interface StoredServer {
  /** Of its container and its claim. */
  readonly name: string;
  /** uid and gid. */
  readonly user: number;
  readonly graceSeconds: number;
  readonly volume: Volume;
  /** Where its data are mounted. */
  readonly home: string;
  /** Image with a shell, for a folder of a node that is not ours. */
  readonly shellImage: string;
  readonly exception: OwnFolder;
  readonly container: Omit<
    core.v1.Container,
    'name' | 'imagePullPolicy' | 'securityContext' | 'volumeMounts'
  >;
  /** Beside its data. */
  readonly mounts: readonly core.v1.VolumeMount[];
  readonly volumes: readonly core.v1.Volume[];
}

export function storedServerPod(server: StoredServer): core.v1.PodSpec {
  const { name, user, volume, exception, shellImage } = server;
  const data = { name: 'data', mountPath: server.home };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: server.graceSeconds,
    securityContext: {
      runAsUser: user,
      runAsGroup: user,
      // For a claim's volume; it does not affect folders of the node.
      fsGroup: user,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(volume.kind === 'node-folder'
      ? { initContainers: [ownFolder({ image: shellImage, user, data, exception })] }
      : {}),
    containers: [
      {
        name,
        imagePullPolicy: 'IfNotPresent',
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        ...server.container,
        volumeMounts: [data, ...server.mounts],
      },
    ],
    volumes: [{ name: 'data', ...volumeSource(volume, name) }, ...server.volumes],
  };
}
