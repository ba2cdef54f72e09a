import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseSettings } from '../../../config/settings/settings.ts';
import { managedTemporal } from '../../../config/settings/temporal.ts';
import { database } from '../../../config/spec/schema/database.ts';
import { service } from '../../../config/spec/schema/service.ts';
import { fileSchema } from '../../../config/spec/schema/spec.ts';
import { telemetry } from '../../../config/spec/schema/telemetry.ts';
import { temporal } from '../../../config/spec/schema/temporal.ts';
import { renderProblems } from '../../../config/yaml/problems.ts';
import { problemsIn } from '../config/spec/problems-in.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const text = readFileSync(join(root, 'docs', 'spec.md'), 'utf8');
const blocks = (fence: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${fence}\\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1] ?? '');

test('every example of docs/spec.md is a spec without problems', () => {
  const examples = blocks('yaml');
  expect(examples.length).toBeGreaterThan(6);
  for (const example of examples) {
    const spec = example.startsWith('version:') ? example : `version: 1\nname: shop\n${example}`;
    expect(problemsIn(spec), spec).toEqual([]);
  }
});

test('the mistakes that it shows are reported by the loader in the same words', () => {
  const [wrong = ''] = blocks('yaml wrong');
  expect(blocks('text')).toContain(`${renderProblems(problemsIn(wrong, '/r/coppice.yaml'), '/r')}\n`);
});

test('the settings that it shows are settings', () => {
  const shown = blocks('text').filter((block) => block.startsWith('temporal:'));
  expect(shown).toHaveLength(1);
  for (const settings of shown) {
    const { managed } = parseSettings(settings, 'config.yaml').temporal ?? {};
    expect(Object.keys(managed ?? {})).toEqual(Object.keys(managedTemporal.shape));
  }
});

test.each([
  ['the file', fileSchema],
  ['a service', service],
  ['a database', database],
  ['Temporal', temporal],
  ['telemetry', telemetry],
])('it has a row for every key of %s', (_, schema) => {
  const rows = [...text.matchAll(/^\| `(\w+)`/gm)].map(([, key]) => key);
  expect(rows).toEqual(expect.arrayContaining(Object.keys(schema.shape)));
});

test.each(Object.entries(service.shape))(
  'the row of %s of a service names every key below it',
  (key, field) => {
    const [table = ''] = /^## Services$.*?(?=^## )/ms.exec(text) ?? [];
    const [row = ''] = new RegExp(`^\\| \`${key}\`.*$`, 'm').exec(table) ?? [];
    const named = [...row.matchAll(/`(\w+)`/g)].map(([, word]) => word);
    expect(named).toEqual(expect.arrayContaining([key, ...keysBelow(field)]));
  },
);

/** Keys that coppice.yaml can have below a field, at any depth: `path` and `timeout` below `ready`. */
function keysBelow(field: z.core.$ZodType): string[] {
  if (field instanceof z.ZodObject)
    return Object.entries(field.shape).flatMap(([key, inner]) => [key, ...keysBelow(inner)]);
  const inside = field instanceof z.ZodOptional || field instanceof z.ZodDefault;
  return inside ? keysBelow(field.unwrap()) : [];
}
