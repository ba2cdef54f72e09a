import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import { programRecipe } from '../../cluster/images/recipes/program.ts';
import { manifest } from '../../toolchain/manifest.ts';

const { version } = manifest.programs.otelcol;

/** https://github.com/open-telemetry/opentelemetry-collector-releases/tree/main/distributions/otelcol-contrib */
export const otelcol = {
  upstream: `docker.io/otel/opentelemetry-collector-contrib:${version.split('-')[0]}`,
  recipe: programRecipe('otelcol', '/otelcol-contrib'),
  optional: true,
  onceJoined: true,
} as const satisfies CatalogueEntry;

/** Whether an image is of our own build, with the processor that limits each environment; the upstream one has none. */
export function limitsEnvironments(image: string): boolean {
  return image.includes(`:${version}`);
}
