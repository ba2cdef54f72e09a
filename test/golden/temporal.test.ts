import { beforeAll, describe, expect, test } from 'vitest';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import type { ManagedTemporalSettings } from '../../config/settings/temporal.ts';
import { Annotation } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { planOf, record, shop } from './plans.ts';
import { type RecordedResource, type Relations, resourcesOf, temporalNamespaceId } from './resources.ts';

const spec = (temporal: string, more = '') =>
  `${shop.replace(
    'replicas: 2',
    `replicas: 2\n    env: { ADDRESS: "\${temporal.address}", NAMESPACE: "\${temporal.namespace}"${more} }`,
  )}temporal: ${temporal}\n`;
const withTemporal: ClusterRecord = { ...record, temporal: { port: 17233 } };

interface Asked {
  readonly resources: readonly RecordedResource[];
  readonly relations: ReadonlyMap<string, Relations>;
}

async function asked(plan: EnvironmentPlan, managedTemporal?: ManagedTemporalSettings): Promise<Asked> {
  const relations = new Map<string, Relations>();
  const program = environmentProgram({ plan, record: withTemporal, managedTemporal });
  return { resources: await resourcesOf('shop', plan.slug, program, relations), relations };
}

const inputsOf = ({ resources }: Asked, type: string, name?: string) =>
  resources.find((one) => one.type.endsWith(type) && (name === undefined || one.name === name))?.inputs ?? {};
const templateOf = (all: Asked, service: string) =>
  (inputsOf(all, ':Deployment', service).spec as { template: Template }).template;
interface Template {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly { env: { name: string; value?: string; valueFrom?: unknown }[] }[];
  };
}
const environmentOf = (all: Asked, service: string) => templateOf(all, service).spec.containers[0]?.env ?? [];

describe("on the platform's server", () => {
  const plan = planOf(spec('{ retention: 7d, searchAttributes: { OrderId: Keyword, Total: Double } }'));
  let all: Asked;
  beforeAll(async () => {
    all = await asked(plan);
  });

  test('a Temporal namespace is requested as in temporal.json', async () => {
    const inputs = inputsOf(all, 'coppice:index:TemporalNamespace');
    await expect(`${JSON.stringify(inputs, null, 2)}\n`).toMatchFileSnapshot('temporal.json');
  });

  test('services get its values in plain text, as nothing about it is secret', () => {
    expect(environmentOf(all, 'worker')).toEqual(
      expect.arrayContaining([
        { name: 'ADDRESS', value: 'temporal.coppice.svc:7233' },
        { name: 'NAMESPACE', value: 'wt-shop--feat-login' },
      ]),
    );
    expect(JSON.stringify(environmentOf(all, 'worker'))).not.toContain('secretKeyRef');
  });

  test('a service that refers to it starts after it, and the others at the same time', () => {
    expect(all.relations.get('worker')?.dependencies).toContain('temporal');
    for (const service of ['web', 'api'])
      expect(all.relations.get(service)?.dependencies).not.toContain('temporal');
  });

  test('pods of such a service are replaced when it is recreated, and the others stay', () => {
    const annotation = Annotation.temporalNamespaceId;
    expect(templateOf(all, 'worker').metadata.annotations[annotation]).toBe(temporalNamespaceId);
    for (const service of ['web', 'api'])
      expect(templateOf(all, service).metadata.annotations).not.toHaveProperty([annotation]);
  });

  test('the environment is ready only after it, and it is not deleted with the namespace', () => {
    expect(all.relations.get('ready')?.dependencies).toContain('temporal');
    expect(all.relations.get('temporal')).toEqual({ dependencies: ['claim'] });
  });
});

test('a spec without it creates none of this', async () => {
  const text = JSON.stringify(await asked(planOf(shop)));
  expect(text).not.toMatch(/temporal/i);
});

test('for a managed server it has the location of its keys, and pods read them from a Secret', async () => {
  const more = ', KEY: "${temporal.apiKey}"';
  const managed: ManagedTemporalSettings = {
    address: 'ann.a1b2c.tmprl.cloud:7233',
    tls: {},
    apiKey: { env: 'TEMPORAL_API_KEY' },
    namespaces: 'existing',
    namespace: '{app}-{slug}.a1b2c',
  };
  const all = await asked(planOf(spec('{ server: managed }', more)), managed);
  expect(inputsOf(all, 'coppice:index:TemporalNamespace')).toMatchObject({
    server: {
      kind: 'managed',
      address: 'ann.a1b2c.tmprl.cloud:7233',
      apiKey: { env: 'TEMPORAL_API_KEY' },
      namespaces: 'existing',
    },
    temporal: { namespace: 'shop-feat-login.a1b2c' },
  });
  const from = (key: string) => ({ secretKeyRef: { name: 'temporal', key } });
  expect(environmentOf(all, 'worker')).toEqual(
    expect.arrayContaining([
      { name: 'COPPICE_TEMPORAL_ADDRESS', valueFrom: from('address') },
      { name: 'COPPICE_TEMPORAL_APIKEY', valueFrom: from('apiKey') },
      { name: 'COPPICE_TEMPORAL_NAMESPACE', valueFrom: from('namespace') },
      { name: 'ADDRESS', value: '$(COPPICE_TEMPORAL_ADDRESS)' },
      { name: 'NAMESPACE', value: '$(COPPICE_TEMPORAL_NAMESPACE)' },
      { name: 'KEY', value: '$(COPPICE_TEMPORAL_APIKEY)' },
    ]),
  );
  expect(all.relations.get('worker')?.dependencies).toContain('temporal');
});
