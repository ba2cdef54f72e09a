import type { DriverContext } from '../../driver.ts';
import { clusterPrograms, type Programs } from './programs.ts';
import type { ProvideImages } from './start.ts';

/** Where the embedded cluster gets what other rooms make; tests give their own. */
export interface EmbeddedSources {
  programs(): Promise<Programs>;
  readonly provideImages: ProvideImages;
}

export function defaultSources({ progress }: DriverContext): EmbeddedSources {
  return {
    programs: () => clusterPrograms(progress),
    provideImages: async (target) => (await import('../../images/provide.ts')).provideImages(target),
  };
}
