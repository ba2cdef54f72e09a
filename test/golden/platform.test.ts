import { beforeAll, expect, test } from 'vitest';
import { podExceptions } from '../../infra/platform/exceptions.ts';
import { Platform } from '../../infra/platform/platform.ts';
import { clusterArgs } from '../../stacks/cluster-args.ts';
import type { ClusterRecord } from '../../state/cluster-record.ts';
import { record } from './plans.ts';
import { type RecordedResource, resourcesOf } from './resources.ts';

let resources: RecordedResource[];

const platform = (cluster: ClusterRecord, ipv6 = true) =>
  resourcesOf('coppice', 'platform', async () => {
    new Platform('platform', {
      cluster: clusterArgs(cluster),
      version: '0.1.0',
      gatewayApi: '/cache/gateway-api',
      traefikImage: 'docker.io/library/traefik:v3.7.15',
      ipv6,
    });
  });

beforeAll(async () => {
  resources = await platform(record);
});

interface Pod {
  hostNetwork?: boolean;
  automountServiceAccountToken: boolean;
  containers: {
    args: string[];
    ports?: unknown;
    securityContext: { allowPrivilegeEscalation: boolean; capabilities: { drop: string[]; add?: string[] } };
  }[];
}
const pods = (of: RecordedResource[]) =>
  of
    .filter(({ type }) => type.endsWith(':Deployment'))
    .map(({ name, inputs }) => ({
      name,
      ...(inputs as { spec: { template: { spec: Pod } } }).spec.template.spec,
    }));

test('asks for exactly the resources in platform.json', async () => {
  await expect(`${JSON.stringify(resources, null, 2)}\n`).toMatchFileSnapshot('platform.json');
});

test('a pod of the platform has more than an environment may only where exceptions.ts lists it', () => {
  for (const { name, hostNetwork, automountServiceAccountToken, containers } of pods(resources)) {
    const allowed = podExceptions[name as keyof typeof podExceptions];
    expect(hostNetwork ?? false).toBe(allowed.hostNetwork);
    expect(automountServiceAccountToken).toBe(allowed.serviceAccountToken);
    for (const { securityContext } of containers) {
      expect(securityContext.allowPrivilegeEscalation).toBe(false);
      expect(securityContext.capabilities).toEqual({ drop: ['ALL'], add: [...allowed.capabilities] });
    }
  }
});

test('Traefik listens on loopback only, and takes no port for anything else', () => {
  const [traefik] = pods(resources);
  const addresses = traefik?.containers[0]?.args.filter((flag) => flag.includes('.address='));
  expect(addresses).toEqual([
    '--entrypoints.web.address=127.0.0.1:80',
    '--entrypoints.web6.address=[::1]:080',
  ]);
  expect(traefik?.containers[0]?.ports).toBeUndefined();
});

test('a machine without ::1 gets no listener there', async () => {
  expect(JSON.stringify(await platform(record, false))).not.toContain('::1');
});

test('on a port above 1023 Traefik is not root and has no capability', async () => {
  const [traefik] = pods(await platform({ ...record, http: { port: 8080 } }));
  expect(traefik).toMatchObject({ securityContext: { runAsUser: 65532 } });
  expect(traefik?.containers[0]?.securityContext.capabilities).toEqual({ drop: ['ALL'] });
});

test('where nodes or a cloud publish Traefik, it stays off the host network and has a Service', async () => {
  for (const [ingress, type] of [
    ['node-port', 'NodePort'],
    ['load-balancer', 'LoadBalancer'],
  ] as const) {
    const other = await platform({ ...record, ingress });
    expect(pods(other)[0]?.hostNetwork).toBeUndefined();
    const service = other.find((resource) => resource.type.endsWith(':Service'));
    expect(service?.inputs).toMatchObject({ spec: { type } });
  }
});
