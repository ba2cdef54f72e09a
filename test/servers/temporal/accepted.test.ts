import fc from 'fast-check';
import { expect } from 'vitest';
import {
  reservedAttribute,
  type SearchAttributes,
  searchAttributeRoom,
  searchAttributeTypes,
} from '../../../config/spec/search-attributes.ts';
import { ensureNamespace } from '../../../servers/temporal/namespaces/ensure.ts';
import { plansWith, seed } from '../accepted.ts';
import { signal, temporal, test } from './fixture.ts';
import { startWorkflow, testOwner } from './harness.ts';

/** What the spec accepts, a real server accepts. */

const name = fc
  .oneof(
    fc.constantFrom(
      'constructor',
      'toString',
      'valueOf',
      'hasOwnProperty',
      'select',
      'order',
      'AND',
      'null',
      'x_',
    ),
    fc.constantFrom('Keyword', 'Text1', 'int01', 'temporalX', 'workflowid', 'A'.repeat(64)),
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,63}$/),
  )
  .filter((one) => reservedAttribute(one) === undefined);
const searchAttributes = fc
  .uniqueArray(fc.tuple(name, fc.constantFrom(...searchAttributeTypes)), {
    selector: ([one]) => one,
    maxLength: 28,
  })
  .map((pairs): SearchAttributes => {
    const fits = pairs.filter(
      ([, type], at) =>
        pairs.slice(0, at).filter(([, other]) => other === type).length < searchAttributeRoom[type],
    );
    return Object.fromEntries(fits);
  });
const retention = fc.oneof(
  fc.integer({ min: 1, max: 3650 }).map((days) => `${days}d`),
  fc.integer({ min: 1, max: 87_600 }).map((hours) => `${hours}h`),
);
const section = fc.record({ temporal: fc.record({ retention, searchAttributes }) });

test(`the server accepts every namespace of a spec that is accepted (COPPICE_TEST_SEED=${seed})`, async () => {
  const plans = plansWith(section, 20);
  const wanted = new Map(plans.map((plan) => [plan.namespace, plan]));
  expect(wanted.size).toBeGreaterThan(5);
  for (const { app, slug, temporal: plan } of wanted.values()) {
    if (plan === undefined) throw new Error('the plan has no Temporal namespace');
    const { namespace, retentionSeconds, searchAttributes } = plan;
    const request = {
      name: namespace,
      owner: testOwner(slug, app),
      retentionSeconds,
      searchAttributes,
      retired: [],
    };
    expect(await ensureNamespace(temporal, request, signal), JSON.stringify(request)).toMatchObject({
      created: true,
    });
    // What was read back is what was asked for: nothing is left to change.
    expect(await ensureNamespace(temporal, request, signal), JSON.stringify(request)).toMatchObject({
      created: false,
    });
  }
  const [first] = wanted.keys();
  await startWorkflow(temporal, first ?? '', 'ä 🚀', { taskQueue: `q ${'é'.repeat(400)}` });
});
