import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/settings/settings.ts';
import { platformNamespace } from '../core/labels.ts';
import { packageRoot } from '../core/package-root.ts';
import { type PartName, partFacts } from '../core/part-facts.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { PlatformParts } from '../core/state/platform-parts.ts';
import { Platform } from '../infra/platform/platform.ts';
import { imageFrom } from '../platform/from-record.ts';
import { argsFrom } from '../platform/parts.ts';
import { clusterArgs } from './cluster-args.ts';

export interface PlatformProgramArgs {
  readonly record: ClusterRecord;
  /** Version of coppice, from package.json. */
  readonly version: string;
  /** Folder or file with the YAML of the Gateway API's resource definitions: `gateway-api-crds` of the toolchain. */
  readonly gatewayApi: string;
  /** `gateway` in the settings. */
  readonly gateway: Settings['gateway'];
  /** Its parts beyond the gateway. */
  readonly parts: PlatformParts;
  /** Names of parts that may fail to start; none when absent. */
  readonly optional?: readonly PartName[];
}

/** The program of the platform's stack. */
export function platformProgram({
  record,
  version,
  gatewayApi,
  gateway,
  parts,
  optional = [],
}: PlatformProgramArgs) {
  return async () => {
    const cluster = clusterArgs(record);
    new Platform('platform', {
      cluster,
      version,
      gatewayApi,
      traefikImage: imageFrom(record, partFacts.gateway.image),
      pages: { image: imageFrom(record, partFacts.pages.image), program: pagesProgram() },
      ipv6: hasLoopback6(),
      optional: optional.map((part) => partFacts[part].service),
      ...gateway,
      ...argsFrom(record, parts),
    });
    return { namespace: platformNamespace, version };
  };
}

/** `scripts/build.mjs` bundles it. */
function pagesProgram(): string {
  return readFileSync(join(packageRoot(), 'dist', 'pages', 'main.cjs'), 'utf8');
}

function hasLoopback6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
}
