import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import { programRecipe } from '../../cluster/images/recipes/program.ts';
import { manifest } from '../../toolchain/manifest.ts';

/** https://github.com/prometheus/prometheus/blob/main/Dockerfile */
export const prometheus = {
  upstream: `docker.io/prom/prometheus:v${manifest.programs.prometheus.version}`,
  recipe: programRecipe('prometheus', '/bin/prometheus'),
  optional: true,
  onceJoined: true,
} as const satisfies CatalogueEntry;
