import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PlanContext, planEnvironment } from '../../../../config/plan/plan.ts';
import { parseSpec } from '../../../../config/spec/load.ts';
import { parseQuantity } from '../../../../config/spec/quantity.ts';

const head = 'version: 1\nname: shop\n';
const shop = `${head}services:
  web:
    runtime: node
    command: node web/server.js
    port: 3000
    primary: true
    env: { API_URL: "\${services.api.url}", PUBLIC: "\${services.api.publicUrl}/x", SHELL: "$\${HOME}" }
    ready: { path: /healthz, timeout: 90s }
  api:
    image: python:3.13-slim
    command: [python, -m, http.server]
    port: 4000
    paths: [/api/]
    replicas: 2
  worker:
    image: ghcr.io/x/worker:1
setup: [npm ci]
`;
const context: PlanContext = {
  identity: {
    repository: '/home/me/shop/.git',
    worktree: '/home/me/shop',
    branch: 'feat/Login',
    commit: '1234567890abcdef1234567890abcdef12345678',
    uid: 1000,
    gid: 1000,
  },
  specFolder: '/home/me/shop',
  profile: 'local',
  httpPort: 80,
  runtimes: { node: 'docker.io/library/node:20' },
  mountPath: '/',
};
const plan = (text = shop, change: Partial<PlanContext> = {}) =>
  planEnvironment(parseSpec(text, { file: '/home/me/shop/coppice.yaml' }), { ...context, ...change });
const withoutMount = (): PlanContext => {
  const { mountPath: _, ...rest } = context;
  return rest;
};
const planWithout = (text: string) =>
  planEnvironment(parseSpec(text, { file: '/home/me/shop/coppice.yaml' }), withoutMount());
const service = (name: string, text = shop, change: Partial<PlanContext> = {}) =>
  plan(text, change).services.find((candidate) => candidate.name === name);

test('the names of an environment come from app and branch', () => {
  expect(plan()).toMatchObject({
    app: 'shop',
    slug: 'feat-login',
    namespace: 'wt-shop--feat-login',
    profile: 'local',
    specFolder: '/home/me/shop',
    identity: context.identity,
    setup: ['npm ci'],
  });
});

test('--as sets another slug, which must be valid', () => {
  expect(plan(shop, { as: 'login-2' })).toMatchObject({ slug: 'login-2', namespace: 'wt-shop--login-2' });
  expect(() => plan(shop, { as: 'Login_2' })).toThrow(
    expect.objectContaining({
      code: 'COPPICE_SLUG',
      exitCode: 2,
      hint: expect.stringContaining('--as login-2'),
    }),
  );
});

test('the same spec and context give the same plan', () => {
  expect(plan()).toEqual(plan());
});

describe('a service', () => {
  test("with a runtime runs in the catalogue's image, one with an image in that", () => {
    expect(service('web')?.image).toBe('docker.io/library/node:20');
    expect(service('api')?.image).toBe('python:3.13-slim');
  });

  test('with a runtime for which the cluster has no image is refused', () => {
    expect(() => plan(shop, { runtimes: {} })).toThrow(expect.objectContaining({ code: 'COPPICE_RUNTIME' }));
  });

  test("runs text with sh -c, a list as it is, and otherwise the image's command", () => {
    expect(service('web')?.command).toEqual(['sh', '-c', 'node web/server.js']);
    expect(service('api')?.command).toEqual(['python', '-m', 'http.server']);
    expect(service('worker')).not.toHaveProperty('command');
  });

  test('with a port gets PORT and HOST, one without gets neither', () => {
    expect(service('web')?.env).toMatchObject({ PORT: '3000', HOST: '0.0.0.0' });
    expect(service('worker')?.env).not.toHaveProperty('PORT');
    expect(service('worker')?.env).not.toHaveProperty('HOST');
    expect(service('worker')).not.toHaveProperty('port');
  });

  test('may set HOST itself', () => {
    expect(service('web', shop.replace('SHELL:', 'HOST: "::", SHELL:'))?.env.HOST).toBe('::');
  });

  test('gets its references resolved', () => {
    expect(service('web')?.env).toMatchObject({
      API_URL: 'http://api:4000',
      PUBLIC: 'http://api.feat-login.shop.localhost/x',
      SHELL: '${HOME}',
    });
  });

  test('has its ready path and the seconds it may take', () => {
    expect(service('web')).toMatchObject({ readyPath: '/healthz', readyTimeoutSeconds: 90 });
    expect(service('api')).not.toHaveProperty('readyPath');
    expect(service('web', shop.replace(', timeout: 90s', ''))?.readyTimeoutSeconds).toBe(120);
    expect(service('web', shop.replace('90s', '5m'))?.readyTimeoutSeconds).toBe(300);
  });

  test('has its replicas, one by default', () => {
    expect(plan().services.map((one) => one.replicas)).toEqual([1, 2, 1]);
  });

  test('is primary or not', () => {
    expect(plan().services.map((one) => one.primary)).toEqual([true, false, false]);
  });
});

describe('telemetry', () => {
  const attributes = (env: Readonly<Record<string, string>> | undefined) =>
    Object.fromEntries((env?.OTEL_RESOURCE_ATTRIBUTES ?? '').split(',').map((pair) => pair.split('=')));

  test('says whose signals they are, and is off unless the spec asks for telemetry', () => {
    const env = service('worker')?.env;
    expect(env).toMatchObject({ OTEL_SERVICE_NAME: 'worker', OTEL_SDK_DISABLED: 'true' });
    expect(attributes(env)).toEqual({
      'service.namespace': 'shop',
      'deployment.environment.name': 'feat-login',
      'k8s.namespace.name': 'wt-shop--feat-login',
      'coppice.environment': 'shop%2Ffeat-login',
      'vcs.ref.head.name': 'feat%2FLogin',
    });
  });

  test('does not change with a commit if the folder is mounted, so that a commit restarts no pod', () => {
    expect(service('worker')?.env).not.toHaveProperty(
      'OTEL_RESOURCE_ATTRIBUTES',
      expect.stringContaining(context.identity.commit),
    );
  });

  test("keeps the service's attributes, but not those that misreport the environment", () => {
    const own = 'team=a,deployment.environment.name=main,at=${environment.slug}';
    const env = service('web', shop.replace('SHELL:', `OTEL_RESOURCE_ATTRIBUTES: "${own}", SHELL:`))?.env;
    expect(attributes(env)).toMatchObject({
      team: 'a',
      at: 'feat-login',
      'deployment.environment.name': 'feat-login',
    });
    expect(env?.OTEL_RESOURCE_ATTRIBUTES).not.toContain('=main');
  });

  const collected = (env: string) =>
    service('web', shop.replace('SHELL:', `${env}SHELL:`).replace('services:', 'telemetry: {}\nservices:'))
      ?.env;

  test('goes to the Collector if the spec asks for it, by the variables that every SDK reads', () => {
    const env = collected('');
    expect(env).not.toHaveProperty('OTEL_SDK_DISABLED');
    expect(env).toMatchObject({
      OTEL_SERVICE_NAME: 'web',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.coppice.svc:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'none',
    });
  });

  test('has no export that may take longer than the time to the next, which an SDK refuses', () => {
    const { OTEL_METRIC_EXPORT_INTERVAL, OTEL_METRIC_EXPORT_TIMEOUT } = collected('') ?? {};
    expect(Number(OTEL_METRIC_EXPORT_TIMEOUT)).toBeLessThan(Number(OTEL_METRIC_EXPORT_INTERVAL));
  });

  test('reaches the port of the protocol that a service says', () => {
    expect(collected('OTEL_EXPORTER_OTLP_PROTOCOL: grpc, ')).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.coppice.svc:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
  });

  test('leaves the protocol to a service that sends elsewhere', () => {
    const env = collected(
      'OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.example.com", OTEL_LOGS_EXPORTER: otlp, ',
    );
    expect(env).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com',
      OTEL_LOGS_EXPORTER: 'otlp',
    });
    expect(env).not.toHaveProperty('OTEL_EXPORTER_OTLP_PROTOCOL');
  });

  describe('instruments', () => {
    const traced = (services: string, telemetry = '{ instrument: [node] }') =>
      plan(`${head}telemetry: ${telemetry}\nservices:\n${services}database: {}\n`).services;
    const preload = '--require=/opt/coppice/instrument-node/preload.cjs';

    test('services of that runtime, before what they load themselves', () => {
      const [web, own] = traced(
        '  web: { runtime: node, command: x }\n  own: { runtime: node, command: x, env: { NODE_OPTIONS: --inspect } }\n',
      );
      expect(web).toMatchObject({ instrument: ['node'], env: { NODE_OPTIONS: preload } });
      expect(own?.env.NODE_OPTIONS).toBe(`${preload} --inspect`);
    });

    test('services of Python, before the modules that they import themselves', () => {
      const folder = '/opt/coppice/instrument-python';
      const [web, own, shell] = traced(
        '  web: { image: python, command: x }\n  own: { image: a/b, command: gunicorn x, env: { PYTHONPATH: src } }\n  shell: { image: a/b, command: ./x }\n',
        '{ instrument: [python] }',
      );
      expect(web).toMatchObject({ instrument: ['python'], env: { PYTHONPATH: folder } });
      expect(own?.env.PYTHONPATH).toBe(`${folder}:src`);
      expect(shell).not.toHaveProperty('instrument');
    });

    test('around a secret, which the cluster fills in', () => {
      const [web] = traced(
        '  web: { runtime: node, command: x, env: { NODE_OPTIONS: "--title=${database.password}" } }\n',
      );
      expect(web?.secretEnv.NODE_OPTIONS).toBe(`${preload} --title=\${database.password}`);
      expect(web?.env).not.toHaveProperty('NODE_OPTIONS');
    });

    test('what says so itself, and nothing that says no', () => {
      const [image, off, both] = traced(
        '  image: { image: a/b, telemetry: { instrument: [node, node] } }\n  off: { runtime: node, command: x, telemetry: { instrument: false } }\n  both: { runtime: node, command: x }\n',
      );
      expect(image?.instrument).toEqual(['node']);
      expect(off).not.toHaveProperty('instrument');
      expect(off?.env).not.toHaveProperty('NODE_OPTIONS');
      expect(both?.instrument).toEqual(['node']);
    });

    test('nothing unless the spec asks for it', () => {
      const [web] = traced('  web: { runtime: node, command: x }\n', '{}');
      expect(web).not.toHaveProperty('instrument');
      expect(web?.env).not.toHaveProperty('NODE_OPTIONS');
    });
  });

  test('may be switched on by the service', () => {
    expect(
      service('web', shop.replace('SHELL:', 'OTEL_SDK_DISABLED: false, SHELL:'))?.env.OTEL_SDK_DISABLED,
    ).toBe('false');
  });
});

describe('routes', () => {
  test("give the primary service the environment's host, others their own and their paths", () => {
    expect(plan().routes).toEqual([
      {
        service: 'web',
        host: 'feat-login.shop.localhost',
        path: '/',
        url: 'http://feat-login.shop.localhost/',
      },
      {
        service: 'api',
        host: 'api.feat-login.shop.localhost',
        path: '/',
        url: 'http://api.feat-login.shop.localhost/',
      },
      {
        service: 'api',
        host: 'feat-login.shop.localhost',
        path: '/api',
        url: 'http://feat-login.shop.localhost/api',
      },
    ]);
  });

  test('have the port in their URL if it is not 80', () => {
    const moved = plan(shop, { httpPort: 8080 });
    expect(moved.routes[0]?.url).toBe('http://feat-login.shop.localhost:8080/');
    expect(moved.services[0]?.env.PUBLIC).toBe('http://api.feat-login.shop.localhost:8080/x');
  });

  test('follow the host pattern', () => {
    expect(plan(`${shop}host: "{slug}.localhost"\n`).routes.map((route) => route.host)).toEqual([
      'feat-login.localhost',
      'api.feat-login.localhost',
      'feat-login.localhost',
    ]);
  });

  test.each(['Grafana', 'temporal'])("never take one of the platform's hosts: %s", (branch) => {
    const text = `${shop}host: "{slug}.localhost"\n`;
    expect(() => plan(text, { identity: { ...context.identity, branch } })).toThrow(
      expect.objectContaining({ code: 'COPPICE_HOST' }),
    );
  });

  test('do not exist for an app without ports', () => {
    expect(plan(`${head}services: { w: { image: a/b } }\n`).routes).toEqual([]);
    expect(plan(head)).toMatchObject({ services: [], routes: [] });
  });
});

describe('the source', () => {
  test('is the mounted folder if the nodes see it; .git in it is covered', () => {
    expect(plan().source).toEqual({ kind: 'mount', hostPath: '/home/me/shop', git: 'folder' });
    expect(plan().commitHeader).toBe(`${context.identity.commit}+live`);
  });

  test('of a linked worktree has a file .git', () => {
    const identity = { ...context.identity, worktree: '/home/me/b' };
    expect(plan(shop, { identity, specFolder: '/home/me/b' }).source).toMatchObject({ git: 'file' });
  });

  test('of a spec below the top folder has no .git', () => {
    expect(plan(shop, { specFolder: '/home/me/shop/examples/a' }).source).toEqual({
      kind: 'mount',
      hostPath: '/home/me/shop/examples/a',
      git: 'none',
    });
  });

  test("lies under the nodes' mount path", () => {
    expect(plan(shop, { mountPath: '/host' }).source).toMatchObject({ hostPath: '/host/home/me/shop' });
  });

  test('must be in the worktree', () => {
    for (const specFolder of ['/home/me', '/home/me/shop2', '/etc']) {
      expect(() => plan(shop, { specFolder })).toThrow(
        expect.objectContaining({ code: 'COPPICE_OUTSIDE_WORKTREE' }),
      );
    }
    expect(plan(shop, { specFolder: '/home/me/shop/..a' }).source.kind).toBe('mount');
  });

  test('must lie below a root if the nodes see only those, and the message says what to do', () => {
    const roots = ['/srv', '/home/me'];
    expect(plan(shop, { roots }).source).toMatchObject({ hostPath: '/home/me/shop' });
    for (const outside of [['/home/me/shop2'], ['/home/me/sh'], ['/home/me/shop/web']]) {
      expect(() => plan(shop, { roots: outside })).toThrow(
        expect.objectContaining({
          code: 'COPPICE_OUTSIDE_ROOTS',
          message: expect.stringContaining(`below ${outside[0]}`),
          hint: expect.stringMatching(/git worktree move.*k3d\.roots/),
        }),
      );
    }
  });

  test('is the image if the nodes do not see the folder: services with an image still run', () => {
    const made = planWithout(`${head}services: { w: { image: a/b } }\n`);
    expect(made.source).toEqual({ kind: 'image' });
    expect(made.commitHeader).toBe(context.identity.commit);
  });

  test('cannot be the image for a runtime yet, and the reason is reported', () => {
    const refused = { code: 'COPPICE_SOURCE', message: expect.stringContaining('come with previews') };
    expect(() => planWithout(shop)).toThrow(expect.objectContaining(refused));
    expect(() => plan(`${shop}source: image\n`)).toThrow(
      expect.objectContaining({
        ...refused,
        message: expect.stringContaining('coppice.yaml says source: image'),
      }),
    );
  });

  test('cannot be mounted if the nodes do not see the folder', () => {
    const text = `${head}source: mount\nservices: { w: { image: a/b } }\n`;
    expect(() => planWithout(text)).toThrow(
      expect.objectContaining({
        code: 'COPPICE_SOURCE',
        hint: expect.stringContaining('existing.mountPath'),
      }),
    );
  });

  test('before the first commit is unborn', () => {
    expect(plan(shop, { identity: { ...context.identity, commit: 'unborn' } }).commitHeader).toBe(
      'unborn+live',
    );
  });
});

describe('resources', () => {
  const of = (resources: string) =>
    plan(`${head}services: { w: { image: a/b, resources: ${resources} } }\n`).services[0]?.resources;

  test('have defaults', () => {
    expect(of('{}')).toEqual({
      requests: { cpu: '10m', memory: '32Mi' },
      limits: { cpu: '1', memory: '1Gi' },
    });
  });

  test('are as written', () => {
    expect(of('{ requests: { cpu: 100m }, limits: { cpu: 2, memory: 2Gi } }')).toEqual({
      requests: { cpu: '100m', memory: '32Mi' },
      limits: { cpu: '2', memory: '2Gi' },
    });
  });

  test('adjust a default to what is written', () => {
    expect(of('{ requests: { cpu: 4, memory: 3Gi } }')?.limits).toEqual({ cpu: '4', memory: '3Gi' });
    expect(of('{ limits: { cpu: 5m, memory: 16Mi } }')?.requests).toEqual({ cpu: '5m', memory: '16Mi' });
  });

  test.each([
    ['100m', 0.1],
    ['2', 2],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1Gi', 2 ** 30],
    ['1G', 1e9],
    ['1e3', 1000],
    ['1E', 1e18],
    ['12e-1', 1.2],
    ['1GB', undefined],
    ['-1', undefined],
    ['', undefined],
    ['1 Gi', undefined],
  ])('the quantity %s is %s', (text, amount) => {
    expect(parseQuantity(text)).toBe(amount);
  });

  test('never request more than their limit, whatever is written', () => {
    const amount = fc.option(fc.integer({ min: 1, max: 4096 }));
    fc.assert(
      fc.property(amount, amount, (request, limit) => {
        fc.pre(request === null || limit === null || request <= limit);
        const half = (name: string, value: number | null) =>
          value === null ? '' : `${name}: { memory: ${value}Mi },`;
        const made = of(`{ ${half('requests', request)} ${half('limits', limit)} }`);
        expect(parseQuantity(made?.requests.memory ?? '')).toBeLessThanOrEqual(
          parseQuantity(made?.limits.memory ?? '') ?? 0,
        );
      }),
    );
  });
});
