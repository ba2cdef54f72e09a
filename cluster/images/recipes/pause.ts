import type { ImageLayout, Recipe } from '../layout.ts';

export interface PauseParts {
  readonly version: string;
  /** Path of a static catatonit. */
  readonly catatonit: string;
}

/**
 * Like Kubernetes' own image: one program, one user. catatonit in its pause mode (`-P`) does nothing but reap.
 *
 * @internal Its test reads the layout without a build.
 */
export function pauseLayout({ version, catatonit }: PauseParts): ImageLayout {
  return {
    version,
    entries: [{ kind: 'copy', path: 'pause', from: catatonit, mode: 0o755 }],
    defaults: { Entrypoint: ['/pause', '-P'], User: '65535:65535' },
  };
}

export const pause: Recipe<'catatonit'> = {
  programs: ['catatonit'],
  layout: async ({ catatonit }) => pauseLayout({ version: catatonit.version, catatonit: catatonit.path }),
};
