import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseSpec } from '../../../../config/spec/load.ts';
import { specJsonSchema } from '../../../../config/spec/schema/json-schema.ts';
import { profilePart } from '../../../../config/spec/schema/profile-part.ts';

const inner = z.strictObject({ needed: z.string(), amount: z.number().default(3) }).meta({ title: 'Inner' });
const whole = z.strictObject({
  needed: z.string({ error: 'must be a word' }),
  list: z.array(z.string()).default([]).describe('What is listed.'),
  byName: z.record(z.string(), inner).default({}),
  either: z.union([z.string(), inner], { error: 'must be one or the other' }).describe('One of two.'),
  plain: z.strictObject({ free: z.boolean().optional() }).optional(),
});
const part = profilePart(whole);

describe('a profile', () => {
  test('requires nothing, at any depth', () => {
    expect(part.parse({})).toEqual({});
    expect(part.parse({ byName: { one: {} }, either: {} })).toEqual({ byName: { one: {} }, either: {} });
  });

  test('is refused for the same reasons as the rest of the file', () => {
    const issues = part.safeParse({ needed: 1, either: 2, other: 3, byName: { one: { amount: 'x' } } }).error
      ?.issues;
    expect(issues?.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['needed', 'must be a word'],
      ['byName.one.amount', expect.stringContaining('expected number')],
      ['either', 'must be one or the other'],
      ['', expect.stringContaining('Unrecognized key')],
    ]);
  });

  test('is described like the rest of the file, with titles that say it is a part', () => {
    expect(z.toJSONSchema(part)).toMatchObject({
      properties: {
        list: { description: 'What is listed.' },
        byName: { additionalProperties: { title: 'Inner in a profile' } },
        either: { description: 'One of two.' },
      },
    });
  });

  test('forbids what the rest of the file forbids', () => {
    const not = { required: ['runtime', 'image'] };
    const process = z.strictObject({ runtime: z.string(), image: z.string() }).meta({ not });
    expect(z.toJSONSchema(profilePart(process))).toMatchObject({ not });
    expect(z.toJSONSchema(profilePart(z.union([z.string(), process])))).toMatchObject({
      anyOf: [{ type: 'string' }, { not }],
    });
  });

  test('has the same schema if nothing is required anyway', () => {
    expect((part as unknown as typeof whole).shape.plain).toBe(whole.shape.plain);
  });

  test('cannot be derived from a map that is checked as a whole', () => {
    expect(() => profilePart(z.strictObject({ a: z.string() }).refine(() => true))).toThrow('a whole map');
  });

  test('has no default and no required field anywhere in coppice.yaml', () => {
    const { properties } = specJsonSchema() as { properties: { profiles: { additionalProperties: object } } };
    const keys = keysIn(properties.profiles.additionalProperties);
    expect(keys).toContain('services');
    expect(keys).not.toContain('default');
    expect(keys).not.toContain('required');
  });

  test('can be one field of a section that is complete only in the file itself', () => {
    const base = `version: 1\nname: shop\nservices: { web: { runtime: node, command: x } }\n`;
    const spec = parseSpec(
      `${base}database: { seed: { command: seed, inputs: [seed.sql] } }\nprofiles: { local: { database: { seed: { timeout: 1m } } } }\n`,
      { file: 'coppice.yaml' },
    );
    expect(spec.database?.seed).toMatchObject({ command: 'seed', timeout: '1m' });
  });
});

/** What `not` forbids is not required. */
function keysIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => key !== 'not')
    .flatMap(([key, item]) => [key, ...keysIn(item)]);
}
