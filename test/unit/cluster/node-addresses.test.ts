import { expect, test } from 'vitest';
import { nodeAddressesFrom } from '../../../cluster/node-addresses.ts';

const node = (addresses: readonly string[], podCIDRs?: readonly string[]) => ({
  spec: { podCIDRs },
  status: {
    addresses: [
      ...addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: 'server-0' },
    ],
  },
});
const list = (...items: object[]) => JSON.stringify({ items });
const nobody = list();

test('nodes reach pods from their own addresses, and from two of the range of their pods', () => {
  const nodes = list(node(['172.18.0.3'], ['10.42.0.0/24']), node(['172.18.0.4'], ['10.42.1.0/24']));
  expect(nodeAddressesFrom(nodes, nobody)).toEqual([
    '10.42.0.0/32',
    '10.42.0.1/32',
    '10.42.1.0/32',
    '10.42.1.1/32',
    '172.18.0.3/32',
    '172.18.0.4/32',
  ]);
});

test('an API server that is on no node is among them, once', () => {
  const apiServers = list({ endpoints: [{ addresses: ['10.0.7.5'] }, { addresses: ['10.0.7.5'] }] });
  expect(nodeAddressesFrom(list(node(['10.0.1.2'])), apiServers)).toEqual(['10.0.1.2/32', '10.0.7.5/32']);
  expect(nodeAddressesFrom(list(node(['10.0.1.2'])), list({ endpoints: null }))).toEqual(['10.0.1.2/32']);
});

test('IPv6 has its own length', () => {
  expect(nodeAddressesFrom(list(node(['fd00::3'], ['fd42:0:1::/64'])), nobody)).toEqual([
    'fd00::3/128',
    'fd42:0:1::/128',
    'fd42:0:1::1/128',
  ]);
});
