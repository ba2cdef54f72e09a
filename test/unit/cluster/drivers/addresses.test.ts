import { expect, test } from 'vitest';
import { addressesOf, overlap, parseRange } from '../../../../cluster/drivers/embedded/addresses.ts';

test('the node is the first address of the pods, the API service the first of the services', () => {
  expect(addressesOf('10.213.0.0/16', '10.214.0.0/16')).toEqual({
    node: '10.213.0.1',
    prefix: 16,
    apiService: '10.214.0.1',
    podCidr: '10.213.0.0/16',
    serviceCidr: '10.214.0.0/16',
  });
});

test('a range that is not aligned to its prefix is aligned', () => {
  expect(addressesOf('10.213.7.9/20', '10.214.0.0/16')).toMatchObject({
    node: '10.213.0.1',
    podCidr: '10.213.0.0/20',
  });
});

test('ranges above 128.0.0.0 do not become negative numbers', () => {
  expect(addressesOf('192.168.128.0/17', '192.168.0.0/24').node).toBe('192.168.128.1');
});

test.each(['10.213.0.0', '10.213.0/16', '10.256.0.0/16', '10.213.0.0/33', 'fd00::/64', ''])(
  '%j is refused as a range',
  (text) => {
    expect(() => parseRange(text)).toThrow(/not an IPv4 range/);
  },
);

test('pods and services in one range are refused', () => {
  expect(() => addressesOf('10.213.0.0/16', '10.213.4.0/24')).toThrow(/overlap/);
});

test.each([
  ['10.213.0.0/29', '10.214.0.0/16', 'podCidr'],
  ['10.213.0.0/16', '10.0.0.0/28', 'serviceCidr'],
  ['10.213.0.0/16', '11.0.0.0/8', 'serviceCidr'],
])('%s and %s are refused because of the size of %s', (pods, services, key) => {
  expect(() => addressesOf(pods, services)).toThrow(key);
});

test('ranges overlap when one contains the other, not when they touch', () => {
  expect(overlap(parseRange('10.0.0.0/8'), parseRange('10.1.0.0/16'))).toBe(true);
  expect(overlap(parseRange('10.1.0.0/16'), parseRange('10.0.0.0/8'))).toBe(true);
  expect(overlap(parseRange('10.0.0.0/16'), parseRange('10.1.0.0/16'))).toBe(false);
});
