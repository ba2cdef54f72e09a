import { beforeAll, expect, test } from 'vitest';
import { instrumentationOf } from '../../config/plan/instrumentation.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { planOf, record, shop } from './plans.ts';
import { type RecordedResource, type Relations, resourcesOf } from './resources.ts';

const spec = `${shop.replace('replicas: 2', 'telemetry: { instrument: false }')}telemetry: { instrument: [node] }\n`;
const relations = new Map<string, Relations>();
let resources: RecordedResource[];

beforeAll(async () => {
  const plan = planOf(spec);
  resources = await resourcesOf('shop', plan.slug, environmentProgram({ plan, record }), relations);
});

interface Template {
  readonly spec: {
    readonly volumes: readonly { name: string }[];
    readonly containers: readonly [
      { env: { name: string; value: string }[]; volumeMounts: { name: string; readOnly?: boolean }[] },
    ];
  };
}

function podOf(service: string): Template['spec'] {
  const deployment = resources.find(({ type, name }) => type.endsWith(':Deployment') && name === service);
  if (deployment === undefined) throw new Error(`there is no Deployment ${service}`);
  return (deployment.inputs.spec as { template: Template }).template.spec;
}

test('an instrumented service has the resources in instrument.json', async () => {
  const instrumentations = resources.filter(({ type }) => type === 'coppice:index:Instrumentation');
  const web = resources.filter(({ type, name }) => type.endsWith(':Deployment') && name === 'web');
  const text = JSON.stringify([...instrumentations, ...web], null, 2);
  await expect(`${text}\n`).toMatchFileSnapshot('instrument.json');
});

test('its files are there before its pods, which cannot change them', () => {
  const { name } = instrumentationOf.node;
  for (const service of ['web', 'api']) {
    expect(relations.get(service)?.dependencies).toContain('node');
    expect(podOf(service).volumes).toContainEqual(expect.objectContaining({ name }));
    expect(podOf(service).containers[0].volumeMounts).toContainEqual(
      expect.objectContaining({ name, readOnly: true }),
    );
  }
});

test('a service that is not instrumented knows nothing of it', () => {
  expect(relations.get('worker')?.dependencies).not.toContain('node');
  expect(JSON.stringify(podOf('worker'))).not.toMatch(/instrument|NODE_OPTIONS/);
});
