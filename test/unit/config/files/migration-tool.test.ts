import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDatabaseFiles } from '../../../../config/files/database.ts';
import { loadSpec } from '../../../../config/spec/load.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-migration-tool-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text = path): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function read(migrate: string) {
  const text = `version: 1\nname: shop\nservices:\n  api: { runtime: node, command: node api.js, port: 4000 }\ndatabase: { migrate: { ${migrate} } }\n`;
  write('coppice.yaml', text);
  const files = await readDatabaseFiles(await loadSpec(join(folder, 'coppice.yaml')));
  if (!files) throw new Error('the spec names no files');
  return files;
}

describe('the tool of a command', () => {
  beforeEach(() => write('db/migrations/20240102030405_users.js'));

  test.each([
    ['npm run migrate', { migrate: 'knex migrate:latest' }],
    ['npm run db', { db: 'npm run -s db:all', 'db:all': 'yarn knex migrate:latest' }],
    ['pnpm db:migrate', { 'db:migrate': 'knex --knexfile db/knexfile.js migrate:latest' }],
    ['npm run migrate', { migrate: 'node scripts/migrate.js' }],
  ])('%s is looked up in package.json: %j', async (command, scripts) => {
    write('package.json', JSON.stringify({ scripts }));
    write('scripts/migrate.js', "const knex = require('knex');\n");
    expect((await read(`command: ${command}, inputs: ["db/**"]`)).tool).toBe('knex');
  });

  test('scripts that run each other in a circle are no tool', async () => {
    write('package.json', JSON.stringify({ scripts: { a: 'npm run b', b: 'npm run a' } }));
    expect((await read('command: npm run a, inputs: ["db/**"]')).tool).toBeUndefined();
  });

  test('is what the spec says, whatever the command looks like', async () => {
    write('db/R__views.sql');
    const { tool, migrations } = await read('command: knex migrate:latest, inputs: ["db/**"], tool: flyway');
    expect(tool).toBe('flyway');
    expect(migrations).toMatchObject([{ path: 'db/R__views.sql', kind: 'repeatable' }]);
  });
});

test('the files of inputs are sorted by what they are to the tool', async () => {
  for (const path of ['db/migrate/20240102030405_users.rb', 'db/schema.rb', 'db/seeds.rb']) write(path);
  const files = await read('command: bin/rails db:migrate, inputs: ["db/**"]');
  expect(files).toMatchObject({
    tool: 'rails',
    migrations: [{ path: 'db/migrate/20240102030405_users.rb' }],
    tools: [{ path: 'db/seeds.rb' }],
    ignored: ['db/schema.rb'],
  });
});

test('repeatable: and generated: of the spec decide before the tool does', async () => {
  for (const path of ['db/0001_init.sql', 'db/views/prices.sql', 'db/dump.txt']) write(path);
  const files = await read(
    'command: ./migrate, inputs: ["db/**"], repeatable: ["db/views/*.sql"], generated: [db/dump.txt]',
  );
  expect(files.migrations).toMatchObject([
    { path: 'db/0001_init.sql' },
    { path: 'db/views/prices.sql', kind: 'repeatable' },
  ]);
  expect(files.migrations[0]).not.toHaveProperty('kind');
  expect(files.ignored).toEqual(['db/dump.txt']);
});

test('an Alembic revision carries what it follows', async () => {
  write(
    'alembic/versions/ae1027a6acf3_more.py',
    "revision = 'ae1027a6acf3'\ndown_revision = '1975ea83b712'\n",
  );
  const { migrations } = await read('command: alembic upgrade head, inputs: ["alembic/**"]');
  expect(migrations).toMatchObject([{ follows: '1975ea83b712' }]);
});
