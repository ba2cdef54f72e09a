import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  configLabel,
  configText,
  imageOf,
  k3dConfig,
  membersOf,
} from '../../../../../cluster/drivers/k3d/config-file.ts';
import { ownerOf } from '../../../../../cluster/drivers/k3d/names.ts';
import { settingsSchema } from '../../../../../config/settings/settings.ts';
import { manifest } from '../../../../../toolchain/manifest.ts';

const source = (value: object = {}) => {
  const settings = settingsSchema.parse(value);
  return { settings, owner: 'a1b2c3d4e5f6', https: true, roots: settings.k3d.roots ?? ['/home/ada'] };
};
const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'schema.json'), 'utf8'));
const valid = new Ajv({ strict: false, formats: { hostname: true, ipv4: true } }).compile(schema);
const everything = {
  k3d: {
    name: 'work',
    servers: 3,
    agents: 2,
    roots: ['/srv/work', '/home/ada/more work'],
    registryPort: 5222,
    image: 'example.org/k3s:1',
    loadBalancer: false,
  },
  ports: { http: 8080, https: 8443, postgres: 25432, temporal: 27233 },
};

test.each([
  ['the defaults', {}],
  ['every setting', everything],
])('with %s the file conforms to the schema of k3d 5.9.0', (_, value) => {
  const read = parse(configText(source(value)));
  expect(valid(read), JSON.stringify(valid.errors)).toBe(true);
  expect(read).toEqual(k3dConfig(source(value)));
});

test("by default there is one node behind a load balancer, with the user's folder at its own path", () => {
  const config = k3dConfig(source());
  expect(config).toMatchObject({ servers: 1, agents: 0, metadata: { name: 'coppice' } });
  expect(config.options.k3d.disableLoadbalancer).toBe(false);
  expect(config.volumes.map(({ volume }) => volume)).toEqual([
    'coppice-databases:/var/lib/coppice/volumes',
    '/home/ada:/home/ada',
  ]);
});

test('a cluster with another name shares nothing with the first', () => {
  const [one, other] = [source(), source({ k3d: { name: 'work' } })];
  const config = k3dConfig(other);
  expect(config.metadata.name).toBe('work');
  expect(config.registries.create.name).toBe('work-registry');
  expect(config.volumes[0]?.volume).toBe('work-databases:/var/lib/coppice/volumes');
  const members = membersOf(other.settings);
  expect(members).toEqual(['k3d-work-server-0', 'k3d-work-serverlb', 'work-registry']);
  expect(members.filter((name) => membersOf(one.settings).includes(name))).toEqual([]);
  for (const name of ['Work', 'a--b', '-a', 'a_b', 'x'.repeat(33)])
    expect(() => source({ k3d: { name } }), name).toThrow();
});

test("labels record a node's owner and folders, which later settings and Docker cannot tell", () => {
  const { labels } = k3dConfig(source(everything)).options.runtime;
  expect(labels.map(({ label }) => label)).toEqual(
    expect.arrayContaining([
      'coppice.dev/owner=a1b2c3d4e5f6',
      'coppice.dev/roots=/srv/work:/home/ada/more work',
    ]),
  );
  expect(ownerOf('/home/ada/.local/share/coppice')).toMatch(/^[0-9a-f]{12}$/);
  expect(ownerOf('/home/ada/.local/share/coppice')).not.toBe(ownerOf('/home/bob/.local/share/coppice'));
});

test('no node collects images, which cannot be pulled again, or evicts pods from a disk with gigabytes left', () => {
  const args = k3dConfig(source(everything)).options.k3s.extraArgs;
  const ofKubelet = args.filter(({ arg }) => arg.startsWith('--kubelet-arg='));
  expect(ofKubelet.map(({ arg }) => arg)).toContain('--kubelet-arg=image-gc-high-threshold=100');
  expect(ofKubelet.map(({ arg }) => arg).join(' ')).toContain('nodefs.available<512Mi');
  for (const { nodeFilters } of ofKubelet) expect(nodeFilters).toEqual(['server:*', 'agent:*']);
});

test('nothing is published beyond 127.0.0.1', () => {
  for (const value of [{}, everything]) {
    const { ports, kubeAPI, registries } = k3dConfig(source(value));
    for (const { port } of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:30\d+$/);
    expect(kubeAPI.hostIP).toBe('127.0.0.1');
    expect(registries.create.host).toBe('127.0.0.1');
  }
});

test('every port in the settings leads to a port of the nodes from the beginning', () => {
  const ports = k3dConfig(source(everything)).ports.map(({ port }) => port.replace('127.0.0.1:', ''));
  expect(ports).toEqual(['8080:30080', '8443:30443', '25432:30432', '27233:30733']);
});

test('a taken port for TLS, on which nothing answers yet, is left out, and that is not a changed setting', () => {
  const free = k3dConfig(source());
  const taken = k3dConfig({ ...source(), https: false });
  const published = ({ ports }: typeof free) => ports.map(({ port }) => port.replace('127.0.0.1:', ''));
  expect(published(free)).toEqual(['80:30080', '443:30443', '15432:30432', '17233:30733']);
  expect(published(taken)).toEqual(['80:30080', '15432:30432', '17233:30733']);
  expect(configLabel(taken)).toBe(configLabel(free));
});

test('the load balancer keeps a connection that is silent for a day; without one nothing is configured', () => {
  const balancer = (value: object) => k3dConfig(source(value)).options.k3d.loadbalancer;
  expect(balancer({})).toEqual({ configOverrides: ['settings.defaultProxyTimeout=86400'] });
  expect(balancer({ k3d: { loadBalancer: false } })).toBeUndefined();
});

test('the image of the registry is pinned', () => {
  expect(k3dConfig(source()).registries.create.image).toMatch(
    /^docker\.io\/library\/registry:\d+\.\d+\.\d+$/,
  );
});

test('the ports are those of the load balancer or, without one, of the first server', () => {
  const filters = (value: object) => k3dConfig(source(value)).ports.flatMap(({ nodeFilters }) => nodeFilters);
  expect(new Set(filters({}))).toEqual(new Set(['loadbalancer']));
  expect(new Set(filters(everything))).toEqual(new Set(['server:0:direct']));
});

test('servers and agents all see the roots and the data volume', () => {
  for (const { nodeFilters } of k3dConfig(source(everything)).volumes)
    expect(nodeFilters).toEqual(['server:*', 'agent:*']);
  // k3d refuses a filter that matches no node.
  for (const { nodeFilters } of k3dConfig(source()).volumes) expect(nodeFilters).toEqual(['server:*']);
});

test("k3s' own Traefik is disabled, and a user's kubeconfig is not changed", () => {
  const { options } = k3dConfig(source());
  expect(options.k3s.extraArgs).toContainEqual({ arg: '--disable=traefik', nodeFilters: ['server:*'] });
  expect(options.kubeconfig).toEqual({ updateDefaultKubeconfig: false, switchCurrentContext: false });
});

test('the image is a k3s with the Kubernetes version of the toolchain', () => {
  expect(imageOf(source().settings)).toBe(`docker.io/rancher/k3s:v${manifest.programs.kubectl.version}-k3s1`);
  expect(imageOf(source(everything).settings)).toBe('example.org/k3s:1');
});

test('port 5000 is refused for the registry', () => {
  expect(() => source({ k3d: { registryPort: 5000 } })).toThrow('port 5000');
});

test("the members have Docker's names", () => {
  expect(membersOf(source().settings)).toEqual([
    'k3d-coppice-server-0',
    'k3d-coppice-serverlb',
    'coppice-registry',
  ]);
  expect(membersOf(source(everything).settings)).toEqual([
    ...['k3d-work-server-0', 'k3d-work-server-1', 'k3d-work-server-2'],
    ...['k3d-work-agent-0', 'k3d-work-agent-1', 'work-registry'],
  ]);
});

test('our label changes with every setting that defines nodes, and not with the image', () => {
  const of = (value: object) => configLabel(k3dConfig(source(value)));
  const before = of({});
  expect(before).toMatch(/^[0-9a-f]{8}$/);
  expect(of({ k3d: { image: 'example.org/k3s:2' } })).toBe(before);
  for (const value of [
    { k3d: { agents: 1 } },
    { k3d: { roots: ['/srv'] } },
    { k3d: { loadBalancer: false } },
    { k3d: { registryPort: 5222 } },
    { ports: { http: 8080 } },
  ])
    expect(of(value), JSON.stringify(value)).not.toBe(before);
});
