import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import type { DriverContext } from '../../driver.ts';
import type { ProvideImages } from '../../images/provide.ts';
import { clusterPrograms, type Programs } from './programs.ts';

/** What the embedded cluster gets from other rooms; tests pass their own. */
export interface EmbeddedSources {
  programs(): Promise<Programs>;
  readonly provideImages: ProvideImages;
  /** Path of mkfs.xfs; called only where a file system must be created. */
  mkfs(): Promise<string>;
}

export function defaultSources({ progress }: DriverContext): EmbeddedSources {
  return {
    programs: () => clusterPrograms(progress),
    provideImages: async (target) => (await import('../../images/provide.ts')).provideImages(target),
    mkfs: async () => (await ensurePrograms(['mkfs.xfs'], { progress }))['mkfs.xfs'].path,
  };
}
