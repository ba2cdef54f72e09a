import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { EnvironmentPlan, ServicePlan } from '../../../../config/plan/plan.ts';
import type { ServiceSpec } from '../../../../config/spec/schema/spec.ts';
import { hashOf } from '../../../../core/hash.ts';
import { Annotation, Label } from '../../../../core/labels.ts';
import { configHash } from '../../../../infra/environment/config-hash.ts';
import { deploymentSpec } from '../../../../infra/environment/deployment.ts';
import { podSpec, podTemplate } from '../../../../infra/environment/pod.ts';
import { planOf } from '../../../golden/plans.ts';

/** Values of a service's field, each with a different meaning, and whether it changes the service's pods. */
interface FieldValues {
  readonly values: fc.Arbitrary<unknown>;
  readonly pods: boolean;
}

const word = fc.stringMatching(/^[a-z]{1,8}$/);
/** Every field of the schema: a missing one does not compile. */
const fields: Readonly<Record<keyof ServiceSpec, FieldValues>> = {
  // The service has an image unless this sets otherwise.
  runtime: { values: fc.constantFrom('node', undefined), pods: true },
  image: { values: word, pods: true },
  command: { values: fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })), pods: true },
  port: { values: fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }), pods: true },
  protocol: { values: fc.constantFrom('http', 'h2c', 'grpc', 'tcp'), pods: true },
  primary: { values: fc.boolean(), pods: false },
  paths: { values: fc.uniqueArray(word.map((name) => `/${name}`)), pods: false },
  env: { values: fc.dictionary(fc.constantFrom('A', 'B'), word), pods: true },
  ready: { values: word.map((name) => ({ path: `/${name}` })), pods: true },
  replicas: { values: fc.integer({ min: 0, max: 10 }), pods: false },
  telemetry: { values: fc.constantFrom({ instrument: false }, { instrument: ['node'] }), pods: true },
  resources: {
    values: fc.integer({ min: 100, max: 900 }).map((size) => ({ limits: { memory: `${size}Mi` } })),
    pods: true,
  },
};

describe.each(Object.entries(fields))('%s of a service', (field, { values, pods }) => {
  const different = fc.tuple(values, values).filter(([one, other]) => !same(one, other));

  test(`that changes changes the plan${pods ? ', its pods and their hash' : ' and no pod'}`, () => {
    fc.assert(
      fc.property(different, ([one, other]) => {
        const [before, after] = [planWith(field, one), planWith(field, other)];
        expect(same(before, after)).toBe(false);
        const of = (plan: EnvironmentPlan) => [plan, serviceIn(plan)] as const;
        expect(same(claimedTemplate(...of(before)), claimedTemplate(...of(after)))).toBe(!pods);
        expect(configHash(...of(before)) === configHash(...of(after))).toBe(!pods);
      }),
      { numRuns: 10 },
    );
  });
});

/** One change of each field of a service's plan, and whether it changes the service's pods. */
const planned: {
  readonly [Field in keyof Required<ServicePlan>]: readonly [ServicePlan[Field], pods: boolean];
} = {
  name: ['other', true],
  primary: [true, false],
  image: ['other', true],
  command: [['other'], true],
  port: [81, true],
  protocol: ['tcp', true],
  env: [{ OTHER: 'x' }, true],
  secretEnv: [{ OTHER: '${database.url}' }, true],
  usesTemporal: [true, false],
  readyPath: ['/other', true],
  readyTimeoutSeconds: [7, false],
  replicas: [7, false],
  instrument: [['node'], true],
  resources: [{ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } }, true],
};

test.each(Object.entries(planned))(
  'the plan of a service: %s is in its pods, or known not to be',
  (field, change) => {
    const [value, pods] = change;
    const plan = planWith('port', 80);
    const before = serviceIn(plan);
    const after: ServicePlan = { ...before, [field]: value };
    expect(same(claimedTemplate(plan, before), claimedTemplate(plan, after))).toBe(!pods);
    expect(configHash(plan, before) === configHash(plan, after)).toBe(!pods);
  },
);

test('pods from when the hash covered only their spec are still the wanted ones', () => {
  const plan = planWith('port', 80);
  expect(configHash(plan, serviceIn(plan))).toBe(hashOf(podSpec(plan, serviceIn(plan))));
});

test('a Deployment adds to the hashed pods only the hash and what only a claimed environment knows', () => {
  const plan = planWith('port', 80);
  const service = serviceIn(plan);
  const { metadata, spec } = podTemplate(plan, service);
  const ids = { environmentId: '3f2a9c1b', temporalNamespaceId: 'id' };
  expect(deploymentSpec(plan, service, ids).template).toEqual({
    metadata: {
      labels: { ...metadata.labels, [Label.environmentId]: '3f2a9c1b' },
      annotations: {
        ...metadata.annotations,
        [Annotation.temporalNamespaceId]: 'id',
        [Annotation.configHash]: configHash(plan, service),
      },
    },
    spec,
  });
});

/**
 * What a Deployment makes pods from, without the hash, so that a field which is added to the Deployment alone, past the
 * hash, is noticed. The ids are the same for all.
 */
function claimedTemplate(plan: EnvironmentPlan, service: ServicePlan) {
  const { template } = deploymentSpec(plan, service, { environmentId: 'id', temporalNamespaceId: 'id' });
  return JSON.parse(
    JSON.stringify(template, (key, value) => (key === Annotation.configHash ? undefined : value)),
  );
}

/** A plan of two services: one with the field, and one that is primary. */
function planWith(field: string, value: unknown): EnvironmentPlan {
  const inWhat = field === 'runtime' && value !== undefined ? {} : { image: 'a/b' };
  const primary = field === 'primary' ? {} : { primary: true };
  const web = { ...inWhat, command: 'run', ...(field === 'port' ? {} : { port: 80 }), [field]: value };
  const services = { web, front: { image: 'a/b', port: 80, ...(value === true ? {} : primary) } };
  const telemetry = field === 'telemetry' ? { telemetry: {} } : {};
  return planOf(stringify({ version: 1, name: 'shop', services, ...telemetry }));
}

function serviceIn({ services }: EnvironmentPlan): ServicePlan {
  const [service] = services;
  if (service === undefined) throw new Error('the plan has no service');
  return service;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
