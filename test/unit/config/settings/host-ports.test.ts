import { expect, test } from 'vitest';
import { rangeOf } from '../../../../config/settings/host-ports.ts';
import { parseSettings } from '../../../../config/settings/settings.ts';

test("slots leave out the platform's ports, also those that the settings move into their range", () => {
  const range = rangeOf(parseSettings('ports: { postgres: 20003 }\nhostPorts: { size: 10 }\n', 'x'));
  expect(range).toMatchObject({ base: 20_000, size: 10, last: 29_999 });
  expect(range.avoid).toEqual(expect.arrayContaining([80, 443, 20_003, 17_233, 5_111, 6_443]));
});

test('ports below 1024 are for root alone, so no slot begins there', () => {
  expect(() => parseSettings('hostPorts: { base: 80 }', 'x')).toThrow('base');
});
