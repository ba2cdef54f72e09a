import {
  type DatabaseFiles,
  type EnvironmentPlan,
  type FileDigest,
  planEnvironment,
} from '../../config/plan/plan.ts';
import { parseSpec } from '../../config/spec/load.ts';
import type { Identity } from '../../core/identity.ts';
import type { Platforms } from '../../core/node-platform.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';

/** A plan as created by `wt up`, from a spec written in a test. */
export function planOf(
  spec: string,
  context: {
    identity?: Partial<Identity>;
    git?: boolean;
    databaseFiles?: DatabaseFiles;
    platforms?: Platforms;
    installFiles?: FileDigest[];
  } = {},
): EnvironmentPlan {
  const plan = planEnvironment(parseSpec(spec, { file: 'coppice.yaml' }), {
    identity: { ...identity, ...context.identity },
    specFolder: identity.worktree,
    profile: 'local',
    httpPort: 80,
    runtimes: record.images,
    mountPath: '/',
    ...(context.platforms && { platforms: context.platforms }),
    ...(context.installFiles && { installFiles: context.installFiles }),
    ...(context.databaseFiles && { databaseFiles: context.databaseFiles }),
  });
  return plan.source.kind === 'mount' ? { ...plan, source: { ...plan.source, git: 'file' } } : plan;
}

export const identity: Identity = {
  repository: '/src/shop/.git',
  worktree: '/src/shop-feat-login',
  branch: 'feat/login',
  commit: '0123456789abcdef0123456789abcdef01234567',
  uid: 1000,
  gid: 1000,
};

export const record: ClusterRecord = {
  driver: 'embedded',
  kubeconfig: '/home/ann/.local/share/coppice/kubeconfig',
  context: 'coppice',
  uid: '6f0c0a4e-0000-4000-8000-000000000000',
  http: { port: 80 },
  ingress: 'host-loopback',
  images: {
    node: 'docker.io/library/node:20.20.2-bookworm-slim',
    traefik: 'docker.io/library/traefik:v3.7.15',
  },
};

export const shop = `
version: 1
name: shop
services:
  web:
    runtime: node
    command: node web/server.js
    port: 3000
    primary: true
    env: { API_URL: "\${services.api.url}" }
    ready: { path: /healthz }
  api:
    runtime: node
    command: node api/server.js
    port: 4000
    paths: [/api]
  worker:
    runtime: node
    command: node worker/main.js
    replicas: 2
`;
