import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import { programRecipe } from '../../cluster/images/recipes/program.ts';
import { manifest } from '../../toolchain/manifest.ts';

/** https://github.com/VictoriaMetrics/VictoriaLogs/tree/master/app/victoria-logs */
export const victoriaLogs = {
  upstream: `docker.io/victoriametrics/victoria-logs:v${manifest.programs['victoria-logs'].version}`,
  recipe: programRecipe('victoria-logs', '/victoria-logs-prod'),
  optional: true,
  onceJoined: true,
} as const satisfies CatalogueEntry;
