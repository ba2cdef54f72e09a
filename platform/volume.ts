import type { core } from '@pulumi/kubernetes/types/input.js';
import { defined } from '../core/defined.ts';
import type { Volume } from '../core/volume.ts';
import type { PartObject } from './part.ts';
import type { OwnFolder } from './pod-exception.ts';

/** `claim` is the claim's name, where it is one. */
export function volumeSource(volume: Volume, claim: string): Omit<core.v1.Volume, 'name'> {
  switch (volume.kind) {
    case 'claim':
      return { persistentVolumeClaim: { claimName: claim } };
    case 'host-path':
      // Not created when missing: it is on the volume, and missing means that the volume is not mounted.
      return { hostPath: { path: volume.path, type: 'Directory' } };
    case 'node-folder':
      return { hostPath: { path: volume.path, type: 'DirectoryOrCreate' } };
  }
}

/** The claim for the data where the cluster provides volumes; empty elsewhere. It outlives the platform. */
export function claimObject(name: string, volume: Volume): PartObject<'PersistentVolumeClaim'>[] {
  if (volume.kind !== 'claim') return [];
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: volume.size } },
    ...defined({ storageClassName: volume.storageClass }),
  };
  return [{ kind: 'PersistentVolumeClaim', name, body: { spec }, retained: true }];
}

interface Owned {
  /** Image with a shell. */
  readonly image: string;
  /** uid and gid of the server. */
  readonly user: number;
  readonly data: core.v1.VolumeMount;
  readonly exception: OwnFolder;
}

/** On a node that is not otherwise accessible to us the owner of the folder may have to be changed to the server. */
export function ownFolder({ image, user, data, exception }: Owned): core.v1.Container {
  const { mountPath } = data;
  return {
    name: 'own-folder',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', `chown ${user}:${user} ${mountPath} && chmod 0700 ${mountPath}`],
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '1', memory: '64Mi' } },
    securityContext: {
      runAsUser: exception.user,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: [...exception.capabilities] },
    },
    volumeMounts: [data],
  };
}
