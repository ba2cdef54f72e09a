import type { PartImage } from '../../core/part-facts.ts';
import { otelcol } from '../../platform/collector/image.ts';
import { traefik } from '../../platform/gateway/image.ts';
import { grafana } from '../../platform/grafana/image.ts';
import { victoriaLogs } from '../../platform/logs/image.ts';
import { prometheus } from '../../platform/metrics/image.ts';
import { postgres } from '../../platform/postgres/image.ts';
import { temporal } from '../../platform/temporal/image.ts';
import { jaeger } from '../../platform/traces/image.ts';
import type { CatalogueEntry } from './entry.ts';
import { node } from './recipes/node.ts';
import { pause } from './recipes/pause.ts';

/** Every image that we provide, one line each: a part's is in its folder of platform/, others are in recipes/. */
export const catalogue = {
  node: {
    // The version that runs us, so that what `npm ci` built for it on this machine runs in the pod.
    upstream: `docker.io/library/node:${process.versions.node}-bookworm-slim`,
    recipe: node,
    runtime: true,
  },
  traefik,
  postgres,
  temporal,
  otelcol,
  'victoria-logs': victoriaLogs,
  prometheus,
  jaeger,
  grafana,
  pause: {
    // PauseVersion in cmd/kubeadm/app/constants/constants.go of Kubernetes 1.34. It is in no program that we install, so
    // nothing compares it: look there when Kubernetes changes.
    upstream: 'registry.k8s.io/pause:3.10.1',
    recipe: pause,
    sandbox: true,
  },
} as const satisfies Record<PartImage, CatalogueEntry> & Record<string, CatalogueEntry>;

export type CatalogueName = keyof typeof catalogue;

export const catalogueNames = Object.keys(catalogue) as readonly CatalogueName[];

export function catalogueEntry(name: CatalogueName): CatalogueEntry {
  return catalogue[name];
}

/** Upstream reference by name: for clusters into which we cannot import. */
export function upstreamImages(): Record<CatalogueName, string> {
  return Object.fromEntries(catalogueNames.map((name) => [name, catalogue[name].upstream])) as Record<
    CatalogueName,
    string
  >;
}
