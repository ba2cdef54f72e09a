import { beforeAll, expect, test } from 'vitest';
import type { DatabaseFiles } from '../../config/plan/plan.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { planOf, record, shop } from './plans.ts';
import { type RecordedResource, type Relations, resourcesOf } from './resources.ts';

const databaseFiles: DatabaseFiles = {
  migrations: [{ path: 'db/migrations/1-orders.sql', sha256: '1'.repeat(64) }],
  tools: [{ path: 'db/migrate.js', sha256: '2'.repeat(64) }],
  seed: [{ path: 'db/seed.sql', sha256: '3'.repeat(64) }],
};
const spec = `${shop.replace(
  'port: 4000',
  'port: 4000\n    env: { DATABASE_URL: "${database.url}", MESSAGE: "costs $5 at ${database.host}" }',
)}database:
  migrate: { command: node db/migrate.js, inputs: ["db/migrations/*.sql"] }
  seed: db/seed.sql
  extensions: [pgcrypto]
`;
const plan = planOf(spec, { databaseFiles });
const withPostgres = {
  ...record,
  mountPath: '/',
  postgres: { port: 15432 },
  images: { ...record.images, postgres: 'docker.io/library/postgres:18' },
};

let resources: RecordedResource[];
const relations = new Map<string, Relations>();
beforeAll(async () => {
  const program = environmentProgram({ plan, record: withPostgres });
  resources = await resourcesOf('shop', plan.slug, program, relations);
});

const inputsOf = (type: string, name?: string) =>
  resources.find((one) => one.type.endsWith(type) && (name === undefined || one.name === name))?.inputs ?? {};
const environmentOf = (service: string) => {
  const { template } = inputsOf(':Deployment', service).spec as {
    template: { spec: { containers: { env: { name: string; value?: string; valueFrom?: unknown }[] }[] } };
  };
  return template.spec.containers[0]?.env ?? [];
};

test('a database is requested as in database.json: names, digests and locations, nothing secret', async () => {
  const inputs = inputsOf('coppice:index:Database');
  await expect(`${JSON.stringify(inputs, null, 2)}\n`).toMatchFileSnapshot('database.json');
  expect(JSON.stringify(inputs)).not.toMatch(/password/i);
});

test('a service gets secrets by the name of their Secret, with its own text around them unchanged', () => {
  const env = environmentOf('api');
  expect(env.slice(-4)).toEqual([
    { name: 'COPPICE_DATABASE_HOST', valueFrom: { secretKeyRef: { name: 'database', key: 'host' } } },
    { name: 'COPPICE_DATABASE_URL', valueFrom: { secretKeyRef: { name: 'database', key: 'url' } } },
    { name: 'DATABASE_URL', value: '$(COPPICE_DATABASE_URL)' },
    { name: 'MESSAGE', value: 'costs $$5 at $(COPPICE_DATABASE_HOST)' },
  ]);
});

test('a service that does not refer to it gets none of it, and starts at the same time', () => {
  expect(JSON.stringify(environmentOf('web'))).not.toContain('DATABASE');
  expect(relations.get('api')?.dependencies).toContain('database');
  expect(relations.get('web')?.dependencies).not.toContain('database');
});

test('the environment is ready only after its database, which is not deleted with the namespace', () => {
  expect(relations.get('ready')?.dependencies).toContain('database');
  expect(relations.get('database')).toEqual({ dependencies: ['claim'] });
  expect(relations.get('api')?.deletedWith).toBe('claim');
});

test('an SQLite file is copied before any service starts', async () => {
  const sqlite = planOf(`${shop}database: { engine: sqlite, file: data/dev.db }\n`);
  const found = new Map<string, Relations>();
  const program = environmentProgram({ plan: sqlite, record });
  const asked = await resourcesOf('shop', sqlite.slug, program, found);
  expect(asked.find(({ type }) => type === 'coppice:index:SqliteDatabase')?.inputs).toMatchObject({
    file: '/src/shop-feat-login/data/dev.db',
    source: '/src/shop/data/dev.db',
  });
  for (const service of ['web', 'api', 'worker'])
    expect(found.get(service)?.dependencies).toContain('database');
});
