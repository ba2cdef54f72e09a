import { networkInterfaces } from 'node:os';
import { temporalServerVersion } from '../cluster/images/catalogue.ts';
import { CoppiceError } from '../core/errors.ts';
import { answersHere } from '../core/ingress.ts';
import { platformNamespace } from '../core/labels.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { PlatformParts } from '../core/state/platform-parts.ts';
import { Platform } from '../infra/platform/platform.ts';
import type { PostgresArgs } from '../platform/postgres/deployment.ts';
import type { TemporalArgs } from '../platform/temporal/deployment.ts';
import { clusterArgs } from './cluster-args.ts';

/** Project of the platform's stack, one per cluster. */
export const platformProject = 'coppice';
/** Name of the platform's stack on a user's own cluster. */
export const platformStack = 'platform';

export interface PlatformProgramArgs {
  readonly record: ClusterRecord;
  /** Version of coppice, from package.json. */
  readonly version: string;
  /** Folder or file with the YAML of the Gateway API's definitions: `gateway-api-crds` of the toolchain. */
  readonly gatewayApi: string;
  /** What it has beyond its gateway. */
  readonly parts: PlatformParts;
}

/** The program of the platform's stack. */
export function platformProgram({ record, version, gatewayApi, parts }: PlatformProgramArgs) {
  return async () => {
    const cluster = clusterArgs(record);
    new Platform('platform', {
      cluster,
      version,
      gatewayApi,
      traefikImage: imageOf(record, 'traefik'),
      ipv6: hasLoopback6(),
      ...(parts.postgres ? { postgres: postgresArgs(record) } : {}),
      ...(parts.temporal ? { temporal: temporalArgs(record) } : {}),
    });
    return { namespace: platformNamespace, version };
  };
}

function postgresArgs(record: ClusterRecord): PostgresArgs {
  const { databaseVolume: volume, postgres } = record;
  if (volume === undefined) throw startOnceMore('the cluster has no place for databases');
  const published = answersHere(record.ingress) && postgres !== undefined;
  return { image: imageOf(record, 'postgres'), volume, ...(published ? { port: postgres.port } : {}) };
}

function temporalArgs(record: ClusterRecord): TemporalArgs {
  const { temporalVolume: volume, temporal } = record;
  if (volume === undefined) throw startOnceMore('the cluster has no place for a Temporal server');
  const published = answersHere(record.ingress) && temporal !== undefined;
  return {
    image: imageOf(record, 'temporal'),
    serverVersion: temporalServerVersion,
    volume,
    shellImage: imageOf(record, 'node'),
    ...(published ? { port: temporal.port } : {}),
  };
}

function imageOf({ images }: ClusterRecord, name: string): string {
  const image = images[name];
  if (image === undefined) throw startOnceMore(`the cluster has no image of ${name}`);
  return image;
}

function startOnceMore(problem: string): CoppiceError {
  return new CoppiceError('COPPICE_CLUSTER_TOO_OLD', problem, { hint: 'run `wt cluster start` again' });
}

function hasLoopback6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
}
