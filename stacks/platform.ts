import { networkInterfaces } from 'node:os';
import { CoppiceError } from '../config/errors.ts';
import { platformNamespace } from '../config/labels.ts';
import { Platform } from '../infra/platform/platform.ts';
import type { ClusterRecord } from '../state/cluster-record.ts';
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
}

/** The program of the platform's stack. */
export function platformProgram({ record, version, gatewayApi }: PlatformProgramArgs) {
  return async () => {
    const traefikImage = record.images.traefik;
    if (traefikImage === undefined) {
      throw new CoppiceError('COPPICE_IMAGE', 'the cluster has no image of traefik', {
        hint: 'run `wt cluster start` once more',
      });
    }
    const cluster = clusterArgs(record);
    new Platform('platform', { cluster, version, gatewayApi, traefikImage, ipv6: hasLoopback6() });
    return { namespace: platformNamespace, version };
  };
}

function hasLoopback6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
}
