import { beforeAll, describe, expect, test } from 'vitest';
import { postgresqlVersion } from '../../infra/environment/postgresql/plugin.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { planOf, record, shop } from './plans.ts';
import { type RecordedResource, type Relations, resourcesOf } from './resources.ts';

const databaseFiles = { migrations: [{ path: 'db/1.sql', sha256: '1'.repeat(64) }], tools: [], seed: [] };
const plan = planOf(
  `${shop.replace('port: 4000', 'port: 4000\n    env: { DATABASE_URL: "${database.url}" }')}database:
  server: managed
  migrate: { command: node db/migrate.js, inputs: ["db/*.sql"] }
`,
  { databaseFiles },
);
const managed = { url: { env: 'DATABASE_ADMIN_URL' }, cluster: { host: '10.1.2.3', port: 5432 } } as const;

let resources: RecordedResource[];
const relations = new Map<string, Relations>();
beforeAll(async () => {
  const program = environmentProgram({ plan, record, managed: { ...managed, resources: 'postgresql' } });
  resources = await resourcesOf('shop', plan.slug, program, relations);
});
const theirs = () => resources.filter(({ type }) => type.includes('postgresql'));
const inputsOf = (type: string, name?: string) =>
  resources.find((one) => one.type === type && (name === undefined || one.name === name))?.inputs;

test('a team that prefers @pulumi/postgresql gets the resources in postgresql.json', async () => {
  const ours = resources.filter(({ type }) => type.startsWith('coppice:index:Database'));
  await expect(`${JSON.stringify([...ours, ...theirs()], null, 2)}\n`).toMatchFileSnapshot('postgresql.json');
  expect(postgresqlVersion).toMatch(/^\d+\.\d+\.\d+$/);
});

test('it contains no password or URL, only where to find them', () => {
  const text = JSON.stringify(resources);
  expect(text).toContain('DATABASE_ADMIN_URL');
  expect(text).not.toMatch(/password|postgres:\/\//i);
});

test('the database is a clone of the template, and stays when the template changes', () => {
  expect(inputsOf('postgresql:index/database:Database')).toMatchObject({
    name: 'wt_shop__feat_login',
    template: 'tpl_shop__0123456789abcdef',
    encoding: 'DEFAULT',
  });
  expect(relations.get('clone')?.ignoreChanges).toEqual(['template', 'encoding', 'lcCollate', 'lcCtype']);
});

test('only the login role may connect, and it acts for the owner, which belongs to no environment', () => {
  const database = 'wt_shop__feat_login';
  const grant = { database, objectType: 'database' };
  expect(inputsOf('postgresql:index/grant:Grant', 'connect-public')).toEqual({
    ...grant,
    role: 'public',
    privileges: [],
  });
  expect(inputsOf('postgresql:index/grant:Grant', 'connect-login')).toEqual({
    ...grant,
    role: database,
    privileges: ['CONNECT'],
  });
  const roles = resources.filter(({ type }) => type === 'postgresql:index/role:Role');
  expect(roles.map(({ inputs }) => inputs)).toEqual([{ name: database, login: true, roles: ['shop_owner'] }]);
});

describe('the order', () => {
  test.each([
    ['template', 'claim'],
    ['login', 'template'],
    ['clone', 'login'],
    ['connect-public', 'clone'],
    ['connect-login', 'connect-public'],
    ['database', 'connect-login'],
    ['api', 'database'],
    ['ready', 'database'],
  ])('%s comes after %s', (later, earlier) => {
    expect(relations.get(later)?.dependencies).toContain(earlier);
  });
});

test('without that setting the same spec has one resource, and none of the plugin', async () => {
  const asked = await resourcesOf('shop', plan.slug, environmentProgram({ plan, record, managed }));
  const databases = asked.filter(({ type }) => /postgresql|coppice:index:Database/.test(type));
  expect(databases.map(({ type }) => type)).toEqual(['coppice:index:Database']);
  expect(databases[0]?.inputs.server).toEqual({
    kind: 'managed',
    url: managed.url,
    address: managed.cluster,
  });
});
