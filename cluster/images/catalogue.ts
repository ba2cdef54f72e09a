import major from 'semver/functions/major.js';
import { traefik } from '../../platform/gateway/image.ts';
import { postgres } from '../../platform/postgres/image.ts';
import { temporal } from '../../platform/temporal/image.ts';
import { manifest } from '../../toolchain/manifest.ts';
import type { Recipe } from './layout.ts';
import { node } from './recipes/node.ts';
import { pause } from './recipes/pause.ts';

export interface CatalogueEntry {
  /** Reference that a node pulls where it reaches a registry. Tags, no digests: none was read from a source of ours. */
  readonly upstream: string;
  /** Makes the same of what this machine has. */
  readonly recipe: Recipe;
  /** A service may name it: `runtime: node`. */
  readonly runtime?: true;
  /** Every pod's sandbox needs it, after a reboot without a network too: assembled and imported, never pulled. */
  readonly sandbox?: true;
  /** The cluster starts without it: what asks for it says that it is missing. */
  readonly optional?: true;
}

/** Every image that we bring. One line more is one image more; its recipe goes into recipes/. */
export const catalogue = {
  node: {
    // The version that runs us, so that what `npm ci` made for it on this machine runs in the pod.
    upstream: `docker.io/library/node:${process.versions.node}-bookworm-slim`,
    recipe: node,
    runtime: true,
  },
  traefik: {
    upstream: `docker.io/library/traefik:v${manifest.programs.traefik.version}`,
    recipe: traefik,
  },
  postgres: {
    upstream: `docker.io/library/postgres:${major(manifest.programs.postgresql.version)}`,
    recipe: postgres,
    optional: true,
  },
  temporal: {
    upstream: `docker.io/temporalio/temporal:${manifest.programs.temporal.version}`,
    recipe: temporal,
    optional: true,
  },
  pause: {
    // PauseVersion in cmd/kubeadm/app/constants/constants.go of Kubernetes 1.34.
    upstream: 'registry.k8s.io/pause:3.10.1',
    recipe: pause,
    sandbox: true,
  },
} as const satisfies Record<string, CatalogueEntry>;

/** Of the server in the image `temporal`. What it keeps is of this version: see platform/temporal/deployment.ts. */
export const temporalServerVersion = '1.32.0';

export type CatalogueName = keyof typeof catalogue;

export const catalogueNames = Object.keys(catalogue) as readonly CatalogueName[];

export function catalogueEntry(name: CatalogueName): CatalogueEntry {
  return catalogue[name];
}

/** The upstream reference of every name: what a cluster uses that is not ours to import into. */
export function upstreamImages(): Record<CatalogueName, string> {
  return Object.fromEntries(catalogueNames.map((name) => [name, catalogue[name].upstream])) as Record<
    CatalogueName,
    string
  >;
}

/** Of a cluster's images (`ClusterRecord.images`), those that a service may name as `runtime:`. */
export function runtimes(images: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    catalogueNames
      .filter((name) => catalogueEntry(name).runtime)
      .flatMap((name) => {
        const reference = images[name];
        return reference === undefined ? [] : [[name, reference]];
      }),
  );
}
