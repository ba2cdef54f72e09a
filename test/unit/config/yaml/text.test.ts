import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { settingsSchema } from '../../../../config/settings/settings.ts';
import { fileSchema } from '../../../../config/spec/schema/spec.ts';
import { type Path, valueAt } from '../../../../config/yaml/data.ts';
import { parseYaml } from '../../../../config/yaml/document.ts';
import { withText } from '../../../../config/yaml/text.ts';

const read = (text: string, schema: z.ZodType) => withText(parseYaml(text, 'file.yaml'), schema);

describe('a value is kept as written text wherever a schema accepts text', () => {
  const schema = z.strictObject({
    text: z.string().regex(/x/),
    optional: z.string().default('').optional(),
    choice: z.enum(['1.10', '2']),
    one: z.literal(['1.10', 7]),
    list: z.array(z.string()),
    map: z.record(z.string(), z.string()),
    transformed: z.union([z.number(), z.string()]).transform(String),
    either: z.union([z.string(), z.strictObject({ deep: z.array(z.string()), count: z.number() })]),
    number: z.number(),
    flag: z.boolean().optional(),
    numbers: z.array(z.number()),
  });

  test.each([
    ['a text', 'text: 1.10', { text: '1.10' }],
    ['an optional one', 'optional: 0x1F', { optional: '0x1F' }],
    ['one of several', 'choice: 1.10', { choice: '1.10' }],
    ['a fixed one', 'one: 1.10', { one: '1.10' }],
    ['a word of a list', 'list: [1.10, true, 1e3]', { list: ['1.10', 'true', '1e3'] }],
    ['a value by name', 'map: { A: 1.10, B: yes }', { map: { A: '1.10', B: 'yes' } }],
    ['what becomes text', 'transformed: 1.10', { transformed: '1.10' }],
    ['one form of two', 'either: 1.10', { either: '1.10' }],
    ['the other', 'either: { deep: [1.10], count: 1.10 }', { either: { deep: ['1.10'], count: 1.1 } }],
    ['what an alias repeats', 'map: { A: &a 1.10 }\nlist: [*a]', { map: { A: '1.10' }, list: ['1.10'] }],
    [
      'an alias that is text here and a number there',
      'list: &a [1.10]\nnumbers: *a',
      { list: ['1.10'], numbers: [1.1] },
    ],
    ['what is merged', 'map: { <<: { A: 1.10 }, B: x }', { map: { A: '1.10', B: 'x' } }],
  ])('%s', (_, text, data) => {
    expect(read(text, schema)).toEqual(data);
  });

  test.each([
    ['a number', 'number: 1.10', { number: 1.1 }],
    ['a switch', 'flag: true', { flag: true }],
    ['what is empty', 'text:', { text: null }],
    ['what the schema does not know', 'other: { text: 1.10 }', { other: { text: 1.1 } }],
    ['a map where text should be', 'text: { a: 1.10 }', { text: { a: 1.1 } }],
    ['a list where a map should be', 'map: [1.10]', { map: [1.1] }],
    ['what every object has', 'constructor: 1.10', { constructor: 1.1 }],
  ])('but not %s', (_, text, data) => {
    expect(read(text, schema)).toEqual(data);
  });
});

describe.each([
  [
    'coppice.yaml',
    fileSchema,
    ['profiles.local.services.name.env.name', 'database.seed', 'install.command.0'],
  ],
  ['the settings', settingsSchema, ['existing.context', 'existing.images.name']],
] as const)('in %s', (_, schema, some) => {
  const places = placesIn(z.toJSONSchema(schema, { io: 'input' }) as Node);
  const texts = places.filter(({ text }) => text).map(({ path }) => path);
  const others = places.filter(({ text }) => !text).map(({ path }) => path);

  test('every field that accepts text gets what is written', () => {
    expect(texts.map((path) => path.join('.'))).toEqual(expect.arrayContaining([...some]));
    expect(texts.filter((path) => valueAt(read(written(path), schema), path) !== '1.10')).toEqual([]);
  });

  test("every other field gets YAML's value", () => {
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((path) => valueAt(read(written(path), schema), path) !== 1.1)).toEqual([]);
  });
});

/** JSON Schema's description of one place. */
interface Node {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly propertyNames?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
}

interface Place {
  readonly path: Path;
  readonly text: boolean;
}

/** Every place where a single value may stand, found in a different way than by the code: through JSON Schema. */
function placesIn(node: Node, path: Path = []): Place[] {
  const forms = node.anyOf ? node.anyOf.flatMap((one) => one.anyOf ?? [one]) : [node];
  const types = forms.flatMap(({ type = [] }) => type);
  const single = types.some((type) => !['object', 'array'].includes(type));
  const here = single ? [{ path, text: types.includes('string') }] : [];
  return [...here, ...forms.flatMap((form) => placesInside(form, path))];
}

function placesInside(node: Node, path: Path): Place[] {
  const { properties = {}, propertyNames, additionalProperties, items } = node;
  const name = String(propertyNames?.enum?.[0] ?? 'name');
  return [
    ...Object.entries(properties).flatMap(([key, field]) => placesIn(field, [...path, key])),
    ...(typeof additionalProperties === 'object' ? placesIn(additionalProperties, [...path, name]) : []),
    ...(items ? placesIn(items, [...path, 0]) : []),
  ];
}

/** A file with `1.10` at a place. */
function written(path: Path): string {
  return path.reduceRight<string>(
    (inside, step) => (typeof step === 'number' ? `[${inside}]` : `{ ${step}: ${inside} }`),
    '1.10',
  );
}
