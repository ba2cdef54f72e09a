import { expect, test } from 'vitest';
import type { PostgresPlan } from '../../../../config/plan/environment-plan.ts';
import { templateRequest } from '../../../../servers/postgres/templates/identity.ts';

const file = (path: string, digit: string) => ({ path, sha256: digit.repeat(64) });
const command = { image: 'node:20', command: ['node', 'db/migrate.js'], env: { A: '1' }, secretEnv: {} };
const plan: PostgresPlan = {
  engine: 'postgres',
  server: 'platform',
  name: 'wt_shop__feat_login',
  owner: 'shop_owner',
  extensions: ['pgcrypto'],
  migrate: {
    ...command,
    timeoutSeconds: 600,
    migrations: [file('db/001.sql', '1'), file('db/002.sql', '2')],
    tools: [file('db/migrate.js', '3')],
  },
  seed: { kind: 'sql', ...file('db/seed.sql', '4') },
  from: { dump: file('/dumps/shop.dump', '5'), mask: file('db/mask.sql', '6') },
};
const migrate = plan.migrate as NonNullable<PostgresPlan['migrate']>;
const hashes = (changed: PostgresPlan, major = 18, app = 'shop') => {
  const { hash, sourceHash } = templateRequest(app, changed, major);
  return { hash, sourceHash };
};
const usual = hashes(plan);

test('two environments with the same files share the template, wherever their dump is stored', () => {
  expect(hashes({ ...plan, name: 'wt_shop__other' })).toEqual(usual);
  expect(hashes({ ...plan, from: { dump: file('/elsewhere', '5'), mask: file('m.sql', '6') } })).toEqual(
    usual,
  );
  expect(usual.hash).toMatch(/^[0-9a-f]{16}$/);
});

test('timeout and order do not change the template', () => {
  const migrations = [...migrate.migrations].reverse();
  expect(hashes({ ...plan, migrate: { ...migrate, migrations, timeoutSeconds: 1 } })).toEqual(usual);
});

test.each<[string, PostgresPlan]>([
  ['a migration', { ...plan, migrate: { ...migrate, migrations: migrate.migrations.slice(1) } }],
  ['its content', { ...plan, migrate: { ...migrate, migrations: [file('db/001.sql', '9')] } }],
  ['the lock file', { ...plan, migrate: { ...migrate, tools: [file('package-lock.json', '3')] } }],
  ['the command', { ...plan, migrate: { ...migrate, command: ['npm', 'run', 'migrate'] } }],
  ['its image', { ...plan, migrate: { ...migrate, image: 'node:22' } }],
  ['its environment', { ...plan, migrate: { ...migrate, env: { A: '2' } } }],
  ['the seed', { ...plan, seed: { kind: 'sql', ...file('db/seed.sql', '9') } }],
])('changing %s changes the template, but not the restored dump', (_, changed) => {
  expect(hashes(changed).hash).not.toBe(usual.hash);
  expect(hashes(changed).sourceHash).toBe(usual.sourceHash);
});

test.each<[string, ReturnType<typeof hashes>]>([
  ['dump', hashes({ ...plan, from: { dump: file('d', '9') } })],
  ['mask', hashes({ ...plan, from: { dump: file('d', '5'), mask: file('m', '9') } })],
  ['extension', hashes({ ...plan, extensions: ['citext'] })],
  ['version of the server', hashes(plan, 19)],
  ['app', hashes(plan, 18, 'blog')],
])('changing the %s changes the restored dump', (_, changed) => {
  expect(changed.sourceHash).not.toBe(usual.sourceHash);
  expect(changed.hash).not.toBe(usual.hash);
});

test('a dump that was masked before materialised views were is restored again, one without a mask is not', () => {
  expect(usual.sourceHash).not.toBe('8110d258a606fc0f');
  const { sourceHash } = hashes({ ...plan, from: { dump: file('d', '5') } });
  expect(sourceHash).toBe('2753ab059512099c');
});

test('the request has the texts that the server runs', () => {
  const request = templateRequest('shop', plan, 18, { mask: 'UPDATE', seed: 'INSERT' });
  expect(request).toMatchObject({ dump: { mask: 'UPDATE' }, seed: { kind: 'sql', text: 'INSERT' } });
  const { from: _, ...undumped } = plan;
  expect(templateRequest('shop', undumped, 18)).not.toHaveProperty('dump');
});
