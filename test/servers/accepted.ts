import fc from 'fast-check';
import { stringify } from 'yaml';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { planOf } from '../golden/plans.ts';

/** Printed with a failure; `COPPICE_TEST_SEED` repeats it. */
export const seed = Number(process.env.COPPICE_TEST_SEED ?? Date.now());

/** Words that mean something to SQL, to JavaScript's objects, to PostgreSQL or to Temporal. */
const special = [
  ...['pg', 'pg-catalog', 'postgres', 'template0', 'public', 'user', 'select', 'none', 'all', 'default'],
  ...['constructor', 'valueof', 'tostring', 'temporal', 'temporal-system', 'system', 'a', 'z9'],
  'x'.repeat(20),
];
const app = fc.oneof(
  fc.constantFrom(...special),
  fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,10})?$/).filter((name) => name !== 'coppice'),
);
/** Every branch that git takes has an environment's name. */
const branch = fc.oneof(
  fc.constantFrom(
    'main',
    '123',
    '0',
    'feat/Ä',
    '🚀',
    'a.b',
    '-x',
    'HEAD',
    'x'.repeat(240),
    'feat/pg_',
    '日本',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
);

/** The plans of random specs that are accepted, each with these keys. */
export function plansWith(section: fc.Arbitrary<object>, count: number): EnvironmentPlan[] {
  const plan = fc.tuple(app, branch, section).map(([name, branch, more]) => {
    const services = { web: { image: 'a', port: 80 } };
    return planOf(stringify({ version: 1, name, services, ...more }), { identity: { branch } });
  });
  return fc.sample(plan, { numRuns: count, seed });
}
