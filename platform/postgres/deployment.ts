import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { Label } from '../../core/labels.ts';
import { partFacts } from '../../core/part-facts.ts';
import type { DatabaseVolume } from '../../core/volume.ts';
import type { Kinds } from '../../resources/kubernetes-object.ts';
import { storedServer } from '../pod-exception.ts';
import { serverDeployment, storedServerPod } from '../server.ts';
import {
  clientRules,
  postgresConfig,
  postgresHome,
  postgresSecret,
  serverSettings,
  startScript,
} from './files.ts';

export interface PostgresArgs {
  /** Image reference. */
  readonly image: string;
  readonly volume: DatabaseVolume;
  /** Its port on 127.0.0.1 of this machine; absent where it is not published there. */
  readonly port?: number;
}

export const { service: postgresName } = partFacts.postgres;
const { user } = partFacts.postgres.volume;
const postgresPort = partFacts.postgres.port.service;

/** The server's files. */
export const postgresData: Readonly<Record<string, string>> = {
  'start.sh': startScript,
  'postgresql.conf': serverSettings,
  'pg_hba.conf': clientRules,
};

export function postgresHash({ image, volume }: PostgresArgs): string {
  return hashOf([postgresPod({ image, volume }), postgresData]);
}

export function postgresDeployment(args: PostgresArgs): Kinds['Deployment'] {
  return serverDeployment(postgresName, postgresHash(args), postgresPod(args));
}

export const postgresService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: postgresName },
    ports: [{ name: 'postgres', port: postgresPort, targetPort: postgresPort, protocol: 'TCP' }],
  },
};

function postgresPod({ image, volume }: PostgresArgs): core.v1.PodSpec {
  return storedServerPod({
    name: postgresName,
    user,
    // A fast shutdown writes memory to disk.
    graceSeconds: 60,
    volume,
    home: postgresHome,
    shellImage: image,
    exception: storedServer.ownFolder,
    container: {
      image,
      command: ['sh', `${postgresConfig}/start.sh`],
      env: [
        { name: 'COPPICE_HOME', value: postgresHome },
        { name: 'COPPICE_CONFIG', value: postgresConfig },
        { name: 'COPPICE_PASSWORD_FILE', value: `${postgresSecret}/password` },
        { name: 'COPPICE_VOLUME', value: volumeWord(volume) },
      ],
      // Once a second only until it answers: each probe is a process.
      startupProbe: { exec: isReady, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 900 },
      readinessProbe: { exec: isReady, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
      resources: { requests: { cpu: '10m', memory: '128Mi' }, limits: { cpu: '4', memory: '4Gi' } },
    },
    mounts: [
      { name: 'config', mountPath: postgresConfig, readOnly: true },
      { name: 'password', mountPath: postgresSecret, readOnly: true },
      { name: 'sockets', mountPath: '/var/run/postgresql' },
      { name: 'temporary', mountPath: '/tmp' },
      { name: 'memory', mountPath: '/dev/shm' },
    ],
    volumes: [
      { name: 'config', configMap: { name: postgresName } },
      { name: 'password', secret: { secretName: postgresName, defaultMode: 0o440 } },
      { name: 'sockets', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'temporary', emptyDir: {} },
      // Parallel queries share memory here; a container's default of 64 MB is too little for them.
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
    ],
  });
}

/** Over TCP, like clients. */
const isReady = { command: ['pg_isready', '--quiet', '--host=127.0.0.1', '--username=postgres'] };

/** The value of `current_setting('coppice.volume')`. */
function volumeWord(volume: DatabaseVolume): 'loop' | 'folder' | 'claim' {
  if (volume.kind === 'host-path') return volume.fileSystem;
  return volume.kind === 'claim' ? 'claim' : 'folder';
}
