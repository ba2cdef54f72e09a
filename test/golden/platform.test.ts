import { beforeAll, describe, expect, test } from 'vitest';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { hostPath } from '../../core/telemetry.ts';
import type { DatabaseVolume, Volume } from '../../core/volume.ts';
import { Platform } from '../../infra/platform/platform.ts';
import { parts, podExceptions } from '../../platform/parts.ts';
import type { PostgresArgs } from '../../platform/postgres/deployment.ts';
import type { TemporalArgs } from '../../platform/temporal/deployment.ts';
import { clusterArgs } from '../../stacks/cluster-args.ts';
import { record } from './plans.ts';
import { type RecordedResource, type Relations, resourcesOf } from './resources.ts';

let resources: RecordedResource[];
let withPostgres: RecordedResource[];
let withTemporal: RecordedResource[];
let withTelemetry: RecordedResource[];

const volumes = {
  embedded: {
    kind: 'host-path',
    path: '/var/lib/coppice/databases/server',
    fileSystem: 'loop',
    reflink: true,
  },
  folder: { kind: 'node-folder', path: '/srv/databases' },
  claim: { kind: 'claim', size: '20Gi' },
} as const;
const folder = { kind: 'host-path', path: '/var/lib/coppice/databases/temporal' } as const;
const postgres = (volume: DatabaseVolume, port?: number) => ({
  image: 'docker.io/library/postgres:18',
  volume,
  ...(port === undefined ? {} : { port }),
});

const temporal = (volume: Volume, port?: number): TemporalArgs => ({
  image: 'docker.io/temporalio/temporal:1.9.1',
  serverVersion: '1.32.0',
  volume,
  shellImage: 'docker.io/library/node:20.20.2-bookworm-slim',
  ...(port === undefined ? {} : { port }),
});

interface Servers extends Partial<ReturnType<typeof telemetry>> {
  readonly postgres?: PostgresArgs;
  readonly temporal?: TemporalArgs;
}

/** All four join together. */
const telemetry = (volume: Volume, ui = true) => {
  const shellImage = 'docker.io/library/node:20.20.2-bookworm-slim';
  const podLogs = '/var/lib/coppice/pod-logs';
  const nodes = ['10.213.0.1/32'];
  const store = (image: string) => ({ image, volume, shellImage, nodes, ui });
  return {
    collector: {
      image: 'docker.io/otel/opentelemetry-collector-contrib:1',
      volume,
      shellImage,
      nodes,
      podLogs,
      ingress: ui ? ('host-loopback' as const) : ('load-balancer' as const),
    },
    logs: store('docker.io/victoriametrics/victoria-logs:1'),
    metrics: store('docker.io/prom/prometheus:1'),
    traces: store('docker.io/jaegertracing/jaeger:1'),
  };
};

const platform = (
  cluster: ClusterRecord,
  ipv6 = true,
  servers: Servers = {},
  trustForwardedHeaders = false,
  relations = new Map<string, Relations>(),
) =>
  resourcesOf(
    'coppice',
    'platform',
    async () => {
      new Platform('platform', {
        cluster: clusterArgs(cluster),
        version: '0.1.0',
        gatewayApi: '/cache/gateway-api',
        traefikImage: 'docker.io/library/traefik:v3.7.15',
        pages: { image: 'docker.io/library/node:20.20.2-bookworm-slim', program: '// the bundle' },
        ipv6,
        trustForwardedHeaders,
        optional: [],
        ...servers,
      });
    },
    relations,
  );

beforeAll(async () => {
  resources = await platform(record);
  withPostgres = await platform(record, true, { postgres: postgres(volumes.embedded, 15432) });
  withTemporal = await platform(record, true, { temporal: temporal(folder, 17233) });
  withTelemetry = await platform(record, true, telemetry({ ...folder, path: '/var/lib/coppice/telemetry' }));
});

interface Container {
  args: string[];
  env?: unknown;
  ports?: unknown;
  securityContext: {
    runAsUser?: number;
    allowPrivilegeEscalation: boolean;
    capabilities: { drop: string[]; add?: string[] };
  };
}
interface Pod {
  hostNetwork?: boolean;
  dnsPolicy?: string;
  automountServiceAccountToken: boolean;
  securityContext: { runAsUser: number };
  containers: Container[];
  initContainers?: Container[];
  volumes: Record<string, unknown>[];
}
const pods = (of: RecordedResource[]) =>
  of
    .filter(({ type }) => type.endsWith(':Deployment'))
    .map(({ name, inputs }) => ({
      name,
      ...(inputs as { spec: { template: { spec: Pod } } }).spec.template.spec,
    }));

const traefikOf = (of: RecordedResource[]) => pods(of).find(({ name }) => name === 'traefik');

const sameAs = (one: RecordedResource, other: RecordedResource) =>
  one.type === other.type && one.name === other.name;
/** What is new or different compared with the platform without the part. */
const added = (of: RecordedResource[]) =>
  of.filter(
    (resource) => JSON.stringify(resource) !== JSON.stringify(resources.find((one) => sameAs(one, resource))),
  );

test('creates exactly the resources in platform.json', async () => {
  await expect(`${JSON.stringify(resources, null, 2)}\n`).toMatchFileSnapshot('platform.json');
});

test("a pod of the platform has more rights than an environment's only where its part lists them", () => {
  const all = [...pods(withPostgres), ...pods(withTemporal), ...pods(withTelemetry)];
  for (const { name, hostNetwork, automountServiceAccountToken, containers } of all) {
    const allowed = podExceptions[name];
    expect(hostNetwork ?? false).toBe(allowed?.hostNetwork);
    expect(automountServiceAccountToken).toBe(allowed?.serviceAccountToken);
    for (const { securityContext } of containers) {
      expect(securityContext.allowPrivilegeEscalation).toBe(false);
      const { drop, add = [] } = securityContext.capabilities;
      expect([drop, add]).toEqual([['ALL'], allowed?.capabilities]);
    }
  }
});

test('Traefik listens on loopback only, and uses no other port', () => {
  const traefik = traefikOf(resources);
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

test('headers of a tunnel are passed on only where the settings say so', async () => {
  const flag = '--entrypoints.web.forwardedheaders.insecure=true';
  const usual = traefikOf(await platform(record));
  const trusting = traefikOf(await platform(record, true, {}, true));
  expect(usual?.containers[0]?.args).not.toContain(flag);
  expect(trusting?.containers[0]?.args).toContain(flag);
});

test('on a port above 1023 Traefik is not root and has no capability', async () => {
  const traefik = traefikOf(await platform({ ...record, http: { port: 8080 } }));
  expect(traefik).toMatchObject({ securityContext: { runAsUser: 65532 } });
  expect(traefik?.containers[0]?.securityContext.capabilities).toEqual({ drop: ['ALL'] });
});

test('where nodes or a cloud publish Traefik, it is not on the host network and has a Service', async () => {
  for (const [ingress, type] of [
    ['node-port', 'NodePort'],
    ['load-balancer', 'LoadBalancer'],
  ] as const) {
    const other = await platform({ ...record, ingress });
    expect(traefikOf(other)?.hostNetwork).toBeUndefined();
    const service = other.find(({ type, name }) => type.endsWith(':Service') && name === 'traefik');
    expect(service?.inputs).toMatchObject({ spec: { type } });
  }
});

test('only where routes answer on this machine alone do the pages name environments and read logs', async () => {
  const pagesOf = (of: RecordedResource[]) => pods(of).find(({ name }) => name === 'pages');
  const logs = (of: RecordedResource[]) => JSON.stringify(of).includes('pods/log');
  const other = await platform({ ...record, ingress: 'load-balancer' });
  expect(pagesOf(resources)?.containers[0]?.env).toEqual([{ name: 'COPPICE_ROUTES_PORT', value: '80' }]);
  expect(pagesOf(other)?.containers[0]?.env).toEqual([]);
  expect([logs(resources), logs(other)]).toEqual([true, false]);
});

test('no pod starts before the file that it reads once', async () => {
  const relations = new Map<string, Relations>();
  const all = await platform(record, true, {}, false, relations);
  const of = (kind: string) => all.filter(({ type }) => type.endsWith(`:${kind}`)).map(({ name }) => name);
  expect(of('ConfigMap').sort()).toEqual(['pages', 'traefik']);
  for (const name of of('ConfigMap'))
    expect(relations.get(`Deployment ${name}`)?.dependencies).toContain(name);
});

test("the pages' route has no host, so that every other route comes before it", () => {
  const route = resources.find(({ type, name }) => type.endsWith(':HTTPRoute') && name === 'pages');
  expect(route?.inputs).not.toHaveProperty('spec.hostnames');
});

describe('with PostgreSQL', () => {
  const server = (of: RecordedResource[]) => pods(of).find(({ name }) => name === 'postgres');

  test('also creates exactly what is in platform-postgres.json', async () => {
    await expect(`${JSON.stringify(added(withPostgres), null, 2)}\n`).toMatchFileSnapshot(
      'platform-postgres.json',
    );
  });

  test("Traefik listens for it on 127.0.0.1 only, and resolves the cluster's names", () => {
    const traefik = traefikOf(withPostgres);
    const addresses = traefik?.containers[0]?.args.filter((flag) => flag.includes('postgres.address='));
    expect(addresses).toEqual(['--entrypoints.postgres.address=127.0.0.1:15432']);
    expect(traefik?.dnsPolicy).toBe('ClusterFirstWithHostNet');
  });

  test("where Docker publishes node ports, Traefik has those ports and is not on a node's network", async () => {
    const other = await platform({ ...record, ingress: 'published' }, true, {
      postgres: { ...postgres(volumes.claim), port: 15432 },
    });
    const traefik = traefikOf(other);
    const addresses = traefik?.containers[0]?.args.filter((flag) => flag.includes('.address='));
    expect(addresses).toEqual(['--entrypoints.web.address=:8000', '--entrypoints.postgres.address=:5432']);
    expect(traefik).not.toHaveProperty('hostNetwork');
    expect(traefik).not.toHaveProperty('dnsPolicy');
    const service = other.find(({ type, name }) => type.endsWith(':Service') && name === 'traefik');
    expect(service?.inputs).toMatchObject({
      spec: {
        type: 'NodePort',
        ports: [
          { name: 'http', targetPort: 8000, nodePort: 30080 },
          { name: 'postgres', targetPort: 5432, nodePort: 30432 },
        ],
      },
    });
  });

  test('where Traefik is not on this machine, the database is not published', async () => {
    const other = await platform({ ...record, ingress: 'load-balancer' }, true, {
      postgres: postgres(volumes.claim),
    });
    expect(JSON.stringify(other)).not.toContain('entrypoints.postgres');
    const service = other.find(({ type, name }) => type.endsWith(':Service') && name === 'postgres');
    expect(service?.inputs).not.toHaveProperty('spec.type');
  });

  test('no resource contains a password, or a place for one', () => {
    expect(withPostgres.filter(({ type }) => type.endsWith(':Secret'))).toEqual([]);
    const password = withPostgres.find(({ type }) => type === 'coppice:index:Password');
    expect(Object.keys(password?.inputs ?? {}).sort()).toEqual([
      'cluster',
      'context',
      'kubeconfig',
      'name',
      'namespace',
    ]);
  });

  test('the readiness of the platform waits for this server and not for an earlier one', () => {
    const ready = withPostgres.find(({ type }) => type === 'coppice:index:Ready');
    const services = ready?.inputs.services as { name: string; configHash: string }[] | undefined;
    const deployment = withPostgres.find(
      ({ type, name }) => type.endsWith(':Deployment') && name === 'postgres',
    );
    const hash = services?.find(({ name }) => name === 'postgres')?.configHash;
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(deployment?.inputs)).toContain(hash);
  });

  test('the folder of the embedded cluster must exist: without its volume the server waits', () => {
    expect(server(withPostgres)?.volumes[0]).toEqual({
      name: 'data',
      hostPath: { path: '/var/lib/coppice/databases/server', type: 'Directory' },
    });
    expect(server(withPostgres)?.initContainers).toBeUndefined();
  });

  test('root is used only to change the owner of a folder on a node that is not ours', async () => {
    const pod = server(await platform(record, true, { postgres: postgres(volumes.folder) }));
    expect(pod?.securityContext.runAsUser).toBe(999);
    expect(pod?.initContainers).toHaveLength(1);
    const { runAsUser, allowPrivilegeEscalation, capabilities } =
      pod?.initContainers?.[0]?.securityContext ?? {};
    expect(runAsUser).toBe(parts.postgres.exception.ownFolder?.user);
    expect(allowPrivilegeEscalation).toBe(false);
    expect(capabilities).toEqual({ drop: ['ALL'], add: parts.postgres.exception.ownFolder?.capabilities });
  });

  test('a claim is created only where the cluster provides volumes', async () => {
    const claims = (of: RecordedResource[]) =>
      of.filter(({ type }) => type.endsWith(':PersistentVolumeClaim')).map(({ inputs }) => inputs.spec);
    expect(claims(withPostgres)).toEqual([]);
    const volume = { ...volumes.claim, storageClass: 'fast' };
    expect(claims(await platform(record, true, { postgres: postgres(volume) }))).toEqual([
      {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '20Gi' } },
        storageClassName: 'fast',
      },
    ]);
  });
});

describe('with Temporal', () => {
  const server = (of: RecordedResource[]) => pods(of).find(({ name }) => name === 'temporal');
  const called = (of: RecordedResource[], kind: string, name: string) =>
    of.find((resource) => resource.type.endsWith(`:${kind}`) && resource.name === name);
  const flags = (of: RecordedResource[]) => server(of)?.containers[0]?.args ?? [];

  test('also creates exactly what is in platform-temporal.json', async () => {
    const text = `${JSON.stringify(added(withTemporal), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('platform-temporal.json');
  });

  test('Traefik listens for it on 127.0.0.1 only, beside PostgreSQL where both exist', async () => {
    const both = await platform(record, true, {
      postgres: postgres(volumes.embedded, 15432),
      temporal: temporal(folder, 17233),
    });
    const traefik = traefikOf(both);
    const addresses = traefik?.containers[0]?.args.filter((flag) =>
      /(postgres|temporal)\.address=/.test(flag),
    );
    expect(addresses).toEqual([
      '--entrypoints.postgres.address=127.0.0.1:15432',
      '--entrypoints.temporal.address=127.0.0.1:17233',
    ]);
    expect(JSON.stringify(called(both, 'ConfigMap', 'traefik')?.inputs)).toContain(
      'temporal.coppice.svc:7233',
    );
  });

  test('where Traefik is not on this machine, neither the server nor its UI, which have no logins, are published', async () => {
    const other = await platform({ ...record, ingress: 'load-balancer' }, true, {
      temporal: temporal(volumes.claim),
    });
    expect(JSON.stringify(other)).not.toContain('entrypoints.temporal');
    expect(called(other, 'HTTPRoute', 'temporal')).toBeUndefined();
    expect(called(other, 'Service', 'temporal')?.inputs).not.toHaveProperty('spec.type');
    const ready = other.find(({ type }) => type === 'coppice:index:Ready');
    expect(ready?.inputs).toMatchObject({ routes: [] });
  });

  test('the readiness of the platform waits for this server, and for the UI to reach it', () => {
    const ready = withTemporal.find(({ type }) => type === 'coppice:index:Ready')?.inputs;
    const services = ready?.services as { name: string; configHash: string }[] | undefined;
    const hash = services?.find(({ name }) => name === 'temporal')?.configHash;
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(called(withTemporal, 'Deployment', 'temporal'))).toContain(hash);
    expect(ready).toMatchObject({
      routes: [{ service: 'temporal', host: 'temporal.localhost', path: '/api/v1/namespaces/default' }],
      http: { address: '127.0.0.1', port: record.http.port },
      headers: { 'X-Coppice-Platform': 'temporal' },
    });
  });

  test('its database file is named after the version of the server, and nothing calls home', () => {
    expect(flags(withTemporal)).toContain('--db-filename=/var/lib/temporal/temporal-1.32.0.db');
    expect(flags(withTemporal)).toContain('--ui-disable-news-fetch');
    expect(JSON.stringify(server(withTemporal))).toContain('"TEMPORAL_VERSION_CHECK_DISABLED","value":"1"');
  });

  test('two servers never share the file: the old one ends before the new one starts', () => {
    expect(called(withTemporal, 'Deployment', 'temporal')?.inputs).toMatchObject({
      spec: { replicas: 1, strategy: { type: 'Recreate' } },
    });
  });

  test('memory is shared with the file only where it is on this machine', async () => {
    expect(flags(withTemporal)).toContain('--sqlite-pragma=journal_mode=wal');
    for (const volume of [volumes.folder, volumes.claim]) {
      const other = await platform(record, true, { temporal: temporal(volume) });
      expect(flags(other).join()).not.toContain('wal');
    }
  });

  test('root is used only for a folder on a node that is not ours, in an image with a shell', async () => {
    expect(server(withTemporal)?.initContainers).toBeUndefined();
    const pod = server(await platform(record, true, { temporal: temporal(volumes.folder) }));
    expect(pod?.securityContext.runAsUser).toBe(1000);
    expect(pod?.initContainers).toMatchObject([
      {
        image: 'docker.io/library/node:20.20.2-bookworm-slim',
        command: ['sh', '-c', expect.stringContaining('chown 1000:1000 /var/lib/temporal')],
        securityContext: { runAsUser: 0, allowPrivilegeEscalation: false },
      },
    ]);
  });

  test('a claim is created where the cluster provides volumes', async () => {
    const other = await platform(record, true, { temporal: temporal({ kind: 'claim', size: '5Gi' }) });
    expect(called(other, 'PersistentVolumeClaim', 'temporal')?.inputs).toMatchObject({
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '5Gi' } } },
    });
  });
});

describe('with telemetry', () => {
  const server = (of: RecordedResource[], name: string) => pods(of).find((pod) => pod.name === name);
  const routes = (of: RecordedResource[]) =>
    of.filter(({ type, name }) => type.endsWith(':HTTPRoute') && name !== 'pages');

  test('also creates exactly what is in platform-telemetry.json', async () => {
    const text = `${JSON.stringify(added(withTelemetry), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('platform-telemetry.json');
  });

  test('only what reads is routed, and where this machine sends with a token: no path on which a store is written or deleted', () => {
    const allowed = routes(withTelemetry).map(({ name, inputs }) => {
      const { rules } = inputs.spec as {
        rules: { matches: { path: { value: string }; method?: string }[] }[];
      };
      return [name, rules.flatMap(({ matches }) => matches)] as const;
    });
    const sends = [{ path: { type: 'PathPrefix', value: hostPath }, method: 'POST' }];
    expect(allowed.map(([name]) => name).sort()).toEqual([
      'collector-host',
      'jaeger',
      'prometheus',
      'victorialogs',
    ]);
    expect(allowed.find(([name]) => name === 'collector-host')?.[1]).toEqual(sends);
    for (const [name, matches] of allowed) {
      const prefixes = matches.filter(({ path, method }) => path.value !== '/' || method !== undefined);
      for (const written of [
        '/insert/opentelemetry/v1/logs',
        '/delete/run_task',
        '/api/v1/otlp/v1/metrics',
        '/api/v1/write',
        '/-/reload',
      ])
        for (const { path, method } of prefixes)
          if (method !== 'GET') expect(written.startsWith(path.value), `${name} ${path.value}`).toBe(false);
    }
  });

  test('no page of another host reads what environments logged', () => {
    for (const { inputs } of routes(withTelemetry))
      expect(JSON.stringify(inputs)).toContain('"remove":["Access-Control-Allow-Origin"]');
  });

  test('where others reach the gateway too, the UIs, which have no logins, have no route', async () => {
    const other = await platform(
      { ...record, ingress: 'load-balancer' },
      true,
      telemetry(volumes.claim, false),
    );
    expect(routes(other)).toEqual([]);
  });

  test('the gateway sends its spans with the token of its Secret, and sends none where no Collector is', () => {
    const [traced, untraced] = [withTelemetry, resources].map((of) => traefikOf(of));
    const container = traced?.containers[0];
    expect(container?.args).toContain(
      '--tracing.otlp.http.endpoint=http://collector.coppice.svc:4319/v1/traces',
    );
    expect(container?.args).toContain('--tracing.otlp.http.headers.Authorization=Bearer $(COLLECTOR_TOKEN)');
    expect(JSON.stringify(container)).toContain(
      '"secretKeyRef":{"key":"password","name":"collector-gateway"}',
    );
    // The name of the Collector is the cluster's alone.
    expect(traced?.dnsPolicy).toBe('ClusterFirstWithHostNet');
    expect(JSON.stringify(untraced)).not.toMatch(/tracing|COLLECTOR_TOKEN/);
  });

  test('the Collector reads the logs of pods and cannot change them', () => {
    const collector = server(withTelemetry, 'collector');
    expect(collector?.volumes).toContainEqual({
      name: 'pod-logs',
      hostPath: { path: '/var/lib/coppice/pod-logs', type: 'Directory' },
    });
    expect(JSON.stringify(collector?.containers)).toContain(
      '{"mountPath":"/var/log/pods","name":"pod-logs","readOnly":true}',
    );
  });

  test('each server has a ceiling of memory, and its garbage collector knows it', () => {
    for (const name of ['collector', 'victorialogs', 'prometheus', 'jaeger']) {
      const text = JSON.stringify(server(withTelemetry, name)?.containers);
      const limit = Number(/"limits":\{[^}]*"memory":"(\d+)Mi"/.exec(text)?.[1]);
      const goal = Number(/GOMEMLIMIT","value":"(\d+)MiB"/.exec(text)?.[1]);
      expect(goal, name).toBeGreaterThan(limit / 2);
      expect(goal, name).toBeLessThan(limit * 0.9);
    }
  });
});
