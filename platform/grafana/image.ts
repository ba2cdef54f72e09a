import type { CatalogueEntry } from '../../cluster/images/entry.ts';

/** Under the AGPL: pulled where its registry answers, never built here. */
export const grafana = {
  upstream: 'docker.io/grafana/grafana:13.2.0',
  optional: true,
  onceJoined: true,
} as const satisfies CatalogueEntry;
