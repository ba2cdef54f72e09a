import { beforeAll, describe, expect, test } from 'vitest';
import { Annotation, Label } from '../../core/labels.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { planOf, record, shop } from './plans.ts';
import { environmentId, type RecordedResource, resourcesOf } from './resources.ts';

let resources: RecordedResource[];
const plan = planOf(shop);

beforeAll(async () => {
  resources = await resourcesOf('shop', plan.slug, environmentProgram({ plan, record }));
});

interface KubernetesInputs {
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  spec: Record<string, unknown>;
}
interface Pod {
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  shareProcessNamespace: boolean;
  securityContext: { runAsUser: number; runAsGroup: number };
  containers: {
    name: string;
    image: string;
    env: { name: string; value: string }[];
    securityContext: { allowPrivilegeEscalation: boolean; capabilities: { drop: string[]; add?: string[] } };
    resources: { limits: Record<string, string> };
    volumeMounts: { mountPath: string; readOnly?: boolean }[];
  }[];
  volumes: { hostPath?: { path: string; type: string } }[];
}

const objects = () =>
  resources
    .filter(({ type }) => type.startsWith('kubernetes:'))
    .map(({ type, inputs }) => ({ type, ...(inputs as unknown as KubernetesInputs) }));
const templates = () =>
  objects()
    .filter(({ type }) => type.endsWith(':Deployment'))
    .map(({ spec }) => spec.template as { metadata: KubernetesInputs['metadata']; spec: Pod });

test('creates exactly the resources in environment.json', async () => {
  await expect(`${JSON.stringify(resources, null, 2)}\n`).toMatchFileSnapshot('environment.json');
});

describe('every object', () => {
  test("is in the environment's namespace", () => {
    for (const { type, metadata } of objects())
      expect([type, metadata.namespace]).toEqual([type, 'wt-shop--feat-login']);
  });

  test('names its owner', () => {
    for (const { metadata } of objects()) {
      expect(metadata.labels).toMatchObject({
        [Label.managedBy]: 'coppice',
        [Label.app]: 'shop',
        [Label.environment]: 'feat-login',
        [Label.environmentId]: environmentId,
      });
    }
  });

  test('is not awaited by the Kubernetes provider and has one field manager', () => {
    for (const { metadata } of objects()) {
      expect(metadata.annotations).toMatchObject({
        'pulumi.com/skipAwait': 'true',
        'pulumi.com/patchForce': 'true',
        'pulumi.com/patchFieldManager': 'coppice',
      });
    }
  });
});

test('every name and label of the longest names is one that Kubernetes takes', async () => {
  const long = (letter: string) => `${letter.repeat(16)}-app`;
  const longest = planOf(
    `version: 1
name: ${long('x')}
services:
  ${long('a')}: { image: a/b, command: [c], port: 3000, primary: false, paths: [/api] }
  ${long('b')}: { image: a/b, command: [c], port: 3001, primary: false, paths: [${Array.from({ length: 150 }, (_, at) => `/${at}`)}] }
  ${long('c')}: { runtime: node, command: [c] }
install: npm ci
`,
    {
      identity: { branch: 'y'.repeat(38) },
      platforms: {
        host: { platform: 'darwin', arch: 'arm64' },
        node: { operatingSystem: 'linux', architecture: 'arm64' },
      },
      installFiles: [{ path: 'package-lock.json', sha256: 'b'.repeat(64) }],
    },
  );
  const created = await resourcesOf(longest.app, longest.slug, environmentProgram({ plan: longest, record }));
  const made = created.filter(({ type }) => type.startsWith('kubernetes:')).map(({ inputs }) => inputs);
  const metadata = (made as unknown as KubernetesInputs[]).map((one) => one.metadata);
  expect(new Set(metadata.map(({ name }) => name)).size).toBeGreaterThan(5);
  for (const { name, namespace = '', labels } of metadata) {
    for (const label of [name, namespace, ...Object.values(labels)])
      expect(label).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  }
});

describe('every pod', () => {
  test('drops all capabilities and cannot gain any', () => {
    for (const { spec } of templates()) {
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
      }
    }
  });

  test('runs as the owner of the worktree', () => {
    for (const { spec } of templates())
      expect(spec.securityContext).toMatchObject({ runAsUser: 1000, runAsGroup: 1000 });
  });

  test('has no token, no links to other services, and a process 1 that heeds SIGTERM', () => {
    for (const { spec } of templates()) {
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        shareProcessNamespace: true,
      });
    }
  });

  test('sees the files of the worktree, which must be a folder, and nothing in .git', () => {
    for (const { spec } of templates()) {
      expect(spec.volumes.flatMap(({ hostPath }) => hostPath ?? [])).toEqual([
        { path: '/src/shop-feat-login', type: 'Directory' },
      ]);
      for (const { volumeMounts } of spec.containers)
        expect(volumeMounts).toContainEqual(
          expect.objectContaining({ mountPath: '/app/.git', readOnly: true }),
        );
    }
  });

  test('has a writable home, and limits', () => {
    for (const { spec } of templates()) {
      for (const { env, resources: amounts } of spec.containers) {
        expect(env).toContainEqual({ name: 'HOME', value: '/tmp' });
        expect(Object.keys(amounts.limits).sort()).toEqual(['cpu', 'memory']);
      }
    }
  });

  test('has the id of its environment and a hash over its template', () => {
    for (const { metadata } of templates()) {
      expect(metadata.labels[Label.environmentId]).toBe(environmentId);
      expect(metadata.annotations[Annotation.configHash]).toMatch(/^[0-9a-f]{16}$/);
    }
  });
});

test('no input contains a kubeconfig', () => {
  expect(JSON.stringify(resources)).not.toMatch(/BEGIN|client-key|certificate-authority|apiVersion: v1/);
});

test('every route sets both provenance headers', () => {
  const routes = objects().filter(({ type }) => type.endsWith(':HTTPRoute'));
  expect(routes).toHaveLength(2);
  for (const { spec } of routes) {
    for (const { filters, backendRefs } of spec.rules as {
      filters: { responseHeaderModifier: { set: unknown } }[];
      backendRefs: { name: string }[];
    }[]) {
      expect(filters[0]?.responseHeaderModifier.set).toEqual([
        { name: 'X-Coppice-Environment', value: `shop/feat-login; id=${environmentId}` },
        { name: 'X-Coppice-Commit', value: `${plan.identity.commit}+live` },
        { name: 'X-Coppice-Service', value: backendRefs[0]?.name },
      ]);
    }
  }
});

test('the longest path of a host comes first, in one route object', () => {
  const primary = objects().find(
    ({ type, metadata }) => type.endsWith(':HTTPRoute') && metadata.name === 'web',
  );
  const rules = primary?.spec.rules as {
    matches: { path: { value: string } }[];
    backendRefs: { name: string }[];
  }[];
  expect(rules.map((rule) => [rule.matches[0]?.path.value, rule.backendRefs[0]?.name])).toEqual([
    ['/api', 'api'],
    ['/', 'web'],
  ]);
});

test('readiness waits for every service, and for the id and the commit on every route', () => {
  const ready = resources.find(({ type }) => type === 'coppice:index:Ready')?.inputs;
  expect(ready).toMatchObject({
    services: [{ name: 'web' }, { name: 'api' }, { name: 'worker', replicas: 2 }],
    routes: [
      { service: 'web', host: 'feat-login.shop.localhost', path: '/healthz' },
      { service: 'api', host: 'api.feat-login.shop.localhost', path: '/' },
      { service: 'api', host: 'feat-login.shop.localhost', path: '/api' },
    ],
    headers: { 'X-Coppice-Environment': `shop/feat-login; id=${environmentId}` },
  });
});
