import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import type { Entry, ImageLayout, Recipe } from '../../cluster/images/layout.ts';
import { certificateEntries } from '../../cluster/images/machine-files.ts';
import { baseEntries, searchPath } from '../../cluster/images/recipes/base.ts';
import { manifest } from '../../toolchain/manifest.ts';

export interface TraefikParts {
  readonly version: string;
  /** Path of a static traefik. */
  readonly traefik: string;
  readonly certificates: readonly Entry[];
}

/**
 * The paths of the official image: https://github.com/traefik/traefik-library-image. There the entrypoint is a script
 * that puts `traefik` in front of options; without a shell the program is the entrypoint itself.
 *
 * @internal Its test reads the layout without a build.
 */
export function traefikLayout({ version, traefik, certificates }: TraefikParts): ImageLayout {
  return {
    version,
    entries: [
      ...baseEntries(),
      { kind: 'copy', path: 'usr/local/bin/traefik', from: traefik, mode: 0o755 },
      ...certificates,
    ],
    defaults: { Env: [searchPath], Entrypoint: ['/usr/local/bin/traefik'] },
  };
}

const recipe: Recipe<'traefik'> = {
  programs: ['traefik'],
  layout: async ({ traefik }) =>
    traefikLayout({
      version: traefik.version,
      traefik: traefik.path,
      certificates: certificateEntries(),
    }),
};

export const traefik = {
  upstream: `docker.io/library/traefik:v${manifest.programs.traefik.version}`,
  recipe,
} as const satisfies CatalogueEntry;
