import { expect, test } from 'vitest';
import { lifetimeOf } from '../../../../config/spec/lifetime.ts';
import { parseSpec } from '../../../../config/spec/load.ts';

const hour = 3_600_000;
const written = (section: string, profile = 'local') =>
  lifetimeOf(
    parseSpec(`version: 1\nname: shop\n${section}\n`, { file: '/r/coppice.yaml', profile }).lifetime,
  );

test('without a lifetime nothing falls asleep, and what nobody touched goes after seven days', () => {
  expect(written('')).toEqual({ deleteAfter: 7 * 24 * hour });
  expect(lifetimeOf()).toEqual(written(''));
});

test.each([
  ['lifetime: {}', { deleteAfter: 168 * hour }],
  ['lifetime: { sleepAfter: 30m }', { sleepAfter: hour / 2, deleteAfter: 168 * hour }],
  ['lifetime: { sleepAfter: 4h, deleteAfter: 24h }', { sleepAfter: 4 * hour, deleteAfter: 24 * hour }],
  ['lifetime: { sleepAfter: 3650d, deleteAfter: never }', { sleepAfter: 87_600 * hour }],
  ['lifetime: { sleepAfter: never, deleteAfter: 1d }', { deleteAfter: 24 * hour }],
])('%s is read as written', (section, expected) => {
  expect(written(section)).toEqual(expected);
});

test('a profile replaces one time and keeps the other', () => {
  const section =
    'lifetime: { sleepAfter: 30m, deleteAfter: 3d }\nprofiles: { preview: { lifetime: { sleepAfter: never } } }';
  expect(written(section, 'preview')).toEqual({ deleteAfter: 72 * hour });
  expect(written(section)).toEqual({ sleepAfter: hour / 2, deleteAfter: 72 * hour });
});

test.each(['23h', '10000d', '0d', '1w', '7 days', '-1d', '10000m', 'Never', '""', '7', 'null'])(
  'deleteAfter: %s is refused with what is allowed',
  (time) => {
    expect(() => written(`lifetime: { deleteAfter: ${time} }`)).toThrow(
      /lifetime\.deleteAfter must be never, or a time in hours or days from 24h on, such as 7d/,
    );
  },
);
