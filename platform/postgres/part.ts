import { imageFrom, portFrom, volumeFrom } from '../from-record.ts';
import type { JoiningPart } from '../part.ts';
import { storedServer } from '../pod-exception.ts';
import { claimObject } from '../volume.ts';
import {
  type PostgresArgs,
  postgresData,
  postgresDeployment,
  postgresHash,
  postgresName,
  postgresService,
} from './deployment.ts';

/** The server of all environments' databases. */
export const postgres: JoiningPart<PostgresArgs> = {
  exception: storedServer,
  asks: ({ database }) =>
    database !== undefined && database.engine !== 'sqlite' && (database.server ?? 'platform') === 'platform',
  argsFrom: (record) => ({
    image: imageFrom(record, 'postgres'),
    volume: volumeFrom(record, 'postgres'),
    ...portFrom(record, 'postgres'),
  }),
  plan: (args) => ({
    password: postgresName,
    objects: [
      ...claimObject(postgresName, args.volume),
      { kind: 'ConfigMap', name: postgresName, body: { data: postgresData } },
      { kind: 'Service', name: postgresName, body: postgresService },
      { kind: 'Deployment', name: postgresName, body: postgresDeployment(args) },
    ],
    pod: { name: postgresName, configHash: postgresHash(args), timeoutSeconds: 180 },
  }),
  sweep: async (context) => (await import('./sweep.ts')).sweepDatabases(context),
  sections: [
    {
      title: 'volume of the databases',
      checks: async (...seen) => (await import('./volume-checks.ts')).volumeChecks(...seen),
    },
    {
      title: 'databases',
      checks: async (...seen) => (await import('./checks.ts')).databaseChecks(...seen),
    },
  ],
};
