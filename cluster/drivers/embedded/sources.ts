import { readPlatformParts } from '../../../core/state/platform-parts.ts';
import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import type { DriverContext } from '../../driver.ts';
import type { ProvideImages } from '../../images/provide.ts';
import { clusterPrograms, type Programs } from './programs.ts';

/** What the embedded cluster gets from other rooms; tests pass their own. */
export interface EmbeddedSources {
  programs(): Promise<Programs>;
  readonly provideImages: ProvideImages;
  /** Path of the program that enforces network policies; undefined while no part of the platform has any. */
  policies(): Promise<string | undefined>;
  /** Path of mkfs.xfs; called only where a file system must be created. */
  mkfs(): Promise<string>;
}

export function defaultSources({ progress }: DriverContext): EmbeddedSources {
  return {
    programs: () => clusterPrograms(progress),
    provideImages: async (target) => (await import('../../images/provide.ts')).provideImages(target),
    policies: async () =>
      (await readPlatformParts()).collector
        ? (await ensurePrograms(['kube-network-policies'], { progress }))['kube-network-policies'].path
        : undefined,
    mkfs: async () => (await ensurePrograms(['mkfs.xfs'], { progress }))['mkfs.xfs'].path,
  };
}
