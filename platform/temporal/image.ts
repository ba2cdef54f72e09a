import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import type { Entry, ImageLayout, Recipe } from '../../cluster/images/layout.ts';
import { certificateEntries } from '../../cluster/images/machine-files.ts';
import { baseEntries } from '../../cluster/images/recipes/base.ts';
import { partFacts } from '../../core/part-facts.ts';
import { manifest } from '../../toolchain/manifest.ts';

const { user } = partFacts.temporal.volume;

export interface TemporalParts {
  readonly version: string;
  /** Path of a static temporal. */
  readonly temporal: string;
  readonly certificates: readonly Entry[];
}

/**
 * Program, user and entrypoint as in the official image: https://github.com/temporalio/cli/blob/main/.github/docker/cli.Dockerfile
 *
 * @internal Its test reads the layout without a build.
 */
export function temporalLayout({ version, temporal, certificates }: TemporalParts): ImageLayout {
  return {
    version,
    entries: [
      ...baseEntries([{ name: 'temporal', id: user, home: '/home/temporal' }]),
      { kind: 'copy', path: 'temporal', from: temporal, mode: 0o755 },
      ...certificates,
    ],
    defaults: { Entrypoint: ['/temporal'], User: `${user}:${user}` },
  };
}

const recipe: Recipe<'temporal'> = {
  programs: ['temporal'],
  layout: async ({ temporal }) =>
    temporalLayout({
      version: temporal.version,
      temporal: temporal.path,
      certificates: certificateEntries(),
    }),
};

export const temporal = {
  upstream: `docker.io/temporalio/temporal:${manifest.programs.temporal.version}`,
  recipe,
  optional: true,
} as const satisfies CatalogueEntry;

/** Of its server: the data are of this version, see deployment.ts. */
export const temporalServerVersion = '1.32.0';
