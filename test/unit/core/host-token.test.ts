import { expect, test } from 'vitest';
import { hostToken } from '../../../core/host-token.ts';

const sender = { namespace: 'wt-shop--feat', environmentId: '1d', service: 'web' };

test('a token has the names that it stands for, and a hash that needs the key', () => {
  expect(hostToken('key', sender)).toMatch(/^wt-shop--feat\.1d\.web\.[0-9a-f]{64}$/);
  const hash = (key: string, part: Partial<typeof sender>) =>
    hostToken(key, { ...sender, ...part }).split('.')[3];
  const all = [
    hash('key', {}),
    hash('other', {}),
    hash('key', { namespace: 'wt-shop--main' }),
    hash('key', { environmentId: '2e' }),
    hash('key', { service: 'api' }),
  ];
  expect(new Set(all).size).toBe(all.length);
});
