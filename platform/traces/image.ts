import type { CatalogueEntry } from '../../cluster/images/entry.ts';
import { programRecipe } from '../../cluster/images/recipes/program.ts';
import { manifest } from '../../toolchain/manifest.ts';

/** https://github.com/jaegertracing/jaeger/blob/main/cmd/jaeger/Dockerfile */
export const jaeger = {
  upstream: `docker.io/jaegertracing/jaeger:${manifest.programs.jaeger.version}`,
  recipe: programRecipe('jaeger', '/cmd/jaeger/jaeger-linux'),
  optional: true,
  onceJoined: true,
} as const satisfies CatalogueEntry;
