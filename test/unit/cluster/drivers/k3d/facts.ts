import type { Facts, NodeFacts } from '../../../../../cluster/drivers/k3d/facts.ts';

/** Output of Docker 20.10 and k3d 5.9.0 for one of our clusters, shortened, with a folder like a user's. */
export const labels = {
  app: 'k3d',
  'coppice.dev/cluster': '88be029e',
  'coppice.dev/owner': 'a1b2c3d4e5f6',
  'coppice.dev/roots': '/home/ada',
  'coppice.dev/members': 'k3d-coppice-server-0+k3d-coppice-serverlb+coppice-registry',
  'k3d.cluster': 'coppice',
  'k3d.version': 'v5.9.0',
};
export const image = 'docker.io/rancher/k3s:v1.34.10-k3s1';
const published = [
  { container: 30080, host: 80 },
  { container: 30443, host: 443 },
  { container: 30432, host: 15432 },
  { container: 30733, host: 17233 },
];

export const server: NodeFacts = {
  name: 'k3d-coppice-server-0',
  role: 'server',
  image,
  state: 'running',
  labels: { ...labels, 'k3d.role': 'server' },
  ports: [],
  binds: [
    'coppice-databases:/var/lib/coppice/volumes',
    '/home/ada:/home/ada',
    'k3d-coppice-images:/k3d/images',
  ],
};
export const balancer: NodeFacts = {
  ...server,
  name: 'k3d-coppice-serverlb',
  role: 'loadbalancer',
  image: 'ghcr.io/k3d-io/k3d-proxy:5.9.0',
  labels: { ...labels, 'k3d.role': 'loadbalancer' },
  ports: [...published, { container: 6443, host: 46237 }],
  binds: [],
};
export const registry: NodeFacts = {
  name: 'coppice-registry',
  role: 'registry',
  image: 'docker.io/library/registry:2.8.3',
  state: 'running',
  labels: { app: 'k3d', 'k3d.cluster': 'coppice', 'k3d.role': 'registry', 'k3d.version': 'v5.9.0' },
  ports: [{ container: 5111, host: 5111 }],
  binds: [],
};

const engine = {
  answers: true,
  id: 'FFCL:ZHV7:DGZ7:A2LT',
  system: 'Debian GNU/Linux 12 (bookworm)',
  version: '20.10.24+dfsg1',
} as const;

export const running: Facts = {
  engine,
  clusters: ['coppice', 'other'],
  nodes: [registry, server, balancer],
  api: { answers: true },
  taken: [],
  recordedEngine: engine.id,
};
export const nothing: Facts = { ...running, clusters: ['other'], nodes: [], api: undefined };
export const stopped: Facts = {
  ...running,
  nodes: running.nodes.map((node) => ({ ...node, state: 'exited' })),
  api: undefined,
};
