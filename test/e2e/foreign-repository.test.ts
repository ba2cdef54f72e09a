import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeFolder } from '../remove-folder.ts';
import { edit, get, linkPackages, testFolder, wt, wtOk } from './harness.ts';

/** A workspace of pnpm with a page, an API on PostgreSQL whose migrations node-pg-migrate runs, and a library. */
const files: Readonly<Record<string, string | object>> = {
  'package.json': {
    name: '@acme/event.stream_lab',
    packageManager: 'pnpm@9.15.9',
    scripts: { dev: 'pnpm -r --parallel dev' },
  },
  'pnpm-workspace.yaml': 'packages:\n  - apps/*\n  - packages/*\n',
  'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
  'apps/web/package.json': { name: '@lab/web', scripts: { dev: 'node --watch server.js' } },
  'apps/web/server.js':
    "require('node:http').createServer((_, answer) => answer.end('the page')).listen(process.env.PORT || 5173);\n",
  'apps/api/package.json': {
    name: '@lab/api',
    type: 'module',
    scripts: { dev: 'npm run serve', serve: 'node --watch src/index.js' },
    dependencies: { express: '5', pg: '8', 'node-pg-migrate': '8' },
  },
  'apps/api/src/index.js': `import { createServer } from 'node:http';
import pg from 'pg';
const pool = new pg.Pool({ host: process.env.DB_HOST, user: process.env.DB_USER, password: process.env.DB_PASSWORD, database: process.env.DB_NAME });
createServer(async (_, answer) => answer.end(JSON.stringify((await pool.query('select name from tags')).rows))).listen(4000);
process.on('SIGTERM', () => process.exit(0));
`,
  'apps/api/migrations/1700000000000_tags.sql':
    "-- Up Migration\ncreate table tags (name text);\ninsert into tags values ('one');\n-- Down Migration\ndrop table tags;\n",
  'packages/ui/package.json': { name: '@lab/ui', scripts: { dev: 'tsc --watch' } },
  '.gitignore': 'node_modules\n',
};

let top: string;

beforeAll(() => {
  mkdirSync(join(testFolder(), 'repositories'), { recursive: true });
  top = join(mkdtempSync(join(testFolder(), 'repositories', 'foreign-')), 'lab');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, file)), { recursive: true });
    writeFileSync(join(top, file), typeof text === 'string' ? text : JSON.stringify(text));
  }
  linkPackages(top);
  spawnSync('git', ['-C', top, 'init', '--quiet', '--initial-branch', 'main']);
});

afterAll(async () => {
  await wt(['down'], { cwd: top });
  removeFolder(dirname(top));
});

test("a stranger's workspace comes up by `wt init` and `wt up`, with its migrations applied", async () => {
  await wtOk(['init'], { cwd: top });
  // What the note of `wt init` is about: this network reaches no registry, and the packages are there.
  edit(join(top, 'coppice.yaml'), /^setup:\n {2}- pnpm install --frozen-lockfile\n/m, '');
  await wtOk(['up', '--yes'], { cwd: top });
  expect((await get('main.event-stream-lab.localhost')).body).toBe('the page');
  expect((await get('api.main.event-stream-lab.localhost')).body).toBe('[{"name":"one"}]');
});
