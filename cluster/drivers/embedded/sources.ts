import { ensurePrograms } from '../../../toolchain/toolchain.ts';
import type { DriverContext } from '../../driver.ts';
import type { ProvideImages } from '../../images/provide.ts';
import { clusterPrograms, type Programs } from './programs.ts';

/** Where the embedded cluster gets what other rooms make; tests give their own. */
export interface EmbeddedSources {
  programs(): Promise<Programs>;
  readonly provideImages: ProvideImages;
  /** Path of mkfs.xfs; asked for only where a file system has to be made. */
  mkfs(): Promise<string>;
}

export function defaultSources({ progress }: DriverContext): EmbeddedSources {
  return {
    programs: () => clusterPrograms(progress),
    provideImages: async (target) => (await import('../../images/provide.ts')).provideImages(target),
    mkfs: async () => (await ensurePrograms(['mkfs.xfs'], { progress }))['mkfs.xfs'].path,
  };
}
