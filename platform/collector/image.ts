import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import { programRecipe } from '../../cluster/images/recipes/program.ts';
import { manifest } from '../../toolchain/manifest.ts';

/** https://github.com/open-telemetry/opentelemetry-collector-releases/tree/main/distributions/otelcol-contrib */
export const otelcol = {
  upstream: `docker.io/otel/opentelemetry-collector-contrib:${manifest.programs.otelcol.version}`,
  recipe: programRecipe('otelcol', '/otelcol-contrib'),
  optional: true,
  onceJoined: true,
} as const satisfies CatalogueEntry;
