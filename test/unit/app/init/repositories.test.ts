import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialize } from '../../../../app/init/init.ts';
import { loadSpec } from '../../../../config/spec/load.ts';

interface Repository {
  readonly title: string;
  readonly files: Readonly<Record<string, string | object>>;
  /** Matched against the loaded spec. */
  readonly spec: object;
  /** Paths that it does not have. */
  readonly absent?: readonly string[];
}

const exec = (path: string, command: string) =>
  path === '.'
    ? `export PATH=/app/node_modules/.bin:$PATH && exec ${command}`
    : `cd ${path} && export PATH=/app/${path}/node_modules/.bin:/app/node_modules/.bin:$PATH && exec ${command}`;
const bundle = (command: string) => `export BUNDLE_PATH=/tmp/bundle && bundle install --quiet && ${command}`;
const url = { DATABASE_URL: '${database.url}' };

const repositories: readonly Repository[] = [
  {
    title: 'Koa with Knex and Yarn 1',
    files: {
      'package.json': {
        name: 'koa-knex-realworld-example',
        scripts: { start: 'node src/bin/server' },
        dependencies: { koa: '2', knex: '1', pg: '8' },
      },
      'yarn.lock': '# yarn lockfile v1\n',
      'knexfile.js': '',
      'src/migrations/1_users.js': '',
      'src/bin/server.js': 'server.listen(process.env.PORT || 3000)',
      '.env.example': 'DB_HOST=localhost\nDB_USER=x\nDB_PASSWORD=x\nDB_NAME=x\nPORT=3000\n',
    },
    spec: {
      name: 'koa-knex-realworld',
      setup: ['yarn install --frozen-lockfile'],
      services: {
        web: {
          command: 'exec node src/bin/server',
          port: 3000,
          env: {
            DB_HOST: '${database.host}',
            DB_NAME: '${database.name}',
            DB_PASSWORD: '${database.password}',
            DB_USER: '${database.user}',
          },
        },
      },
      database: {
        migrate: {
          command: 'export PATH=/app/node_modules/.bin:$PATH && knex migrate:latest',
          inputs: ['knexfile.*', 'src/migrations/*'],
        },
      },
    },
  },
  {
    title: 'Socket.IO without a script',
    files: {
      'package.json': { name: 'socketio', dependencies: { express: '4', 'socket.io': '4' } },
      'index.js': 'server.listen(3003, () => {})',
    },
    spec: {
      services: { web: { command: 'exec node --watch index.js', port: 3003 } },
      setup: ['npm install'],
    },
  },
  {
    title: 'a pnpm monorepo with three apps and a library',
    files: {
      'package.json': {
        name: 'event-stream-lab',
        scripts: { dev: 'turbo dev' },
        packageManager: 'pnpm@10.1.0',
      },
      'pnpm-workspace.yaml': 'packages:\n  - "apps/*"\n  - packages/*\n',
      'pnpm-lock.yaml': '',
      'apps/api/package.json': {
        name: '@lab/api',
        scripts: { dev: 'tsx watch src/index.ts' },
        dependencies: { hono: '4' },
      },
      'apps/api/src/index.ts': 'serve({ fetch: app.fetch, port: 4000 })',
      'apps/web/package.json': { name: '@lab/web', scripts: { dev: 'vite' }, devDependencies: { vite: '7' } },
      'apps/site/package.json': {
        name: '@lab/site',
        scripts: { dev: 'next dev' },
        dependencies: { next: '16' },
      },
      'packages/ui/package.json': { name: '@lab/ui', scripts: { dev: 'tsc --watch' } },
    },
    absent: ['services.api.primary'],
    spec: {
      setup: ['pnpm install --frozen-lockfile'],
      services: {
        api: { command: exec('apps/api', 'tsx watch src/index.ts'), port: 4000 },
        web: { command: exec('apps/web', 'vite --host 0.0.0.0 --port 3000'), port: 3000 },
        site: {
          command: exec('apps/site', 'next dev'),
          port: 3000,
          resources: { limits: { memory: '2Gi' } },
        },
      },
    },
  },
  {
    title: 'npm workspaces with pg and a worker',
    files: {
      'package.json': { name: 'orders', workspaces: ['services/*'] },
      'package-lock.json': '{}',
      'services/api/package.json': {
        name: 'api',
        scripts: { start: 'node server.js' },
        dependencies: { pg: '8', express: '5' },
      },
      'services/api/server.js': 'app.listen(process.env.PORT ?? 4100)',
      'services/worker/package.json': {
        name: 'worker',
        scripts: { start: 'node worker.js' },
        dependencies: { pg: '8' },
      },
      'services/worker/worker.js': 'setInterval(work, 1000)',
    },
    absent: ['services.worker.port'],
    spec: {
      setup: ['npm ci'],
      install: 'npm ci',
      services: { api: { port: 4100, env: url }, worker: { env: url } },
      database: { engine: 'postgres' },
    },
  },
  {
    title: 'two folders whose names are cut to one',
    files: {
      'package.json': { workspaces: { packages: ['apps/*'] } },
      'yarn.lock': '__metadata:\n  version: 8\n',
      '.yarnrc.yml': 'nodeLinker: node-modules\n',
      'apps/a/package.json': { name: 'notification-service-email', scripts: { dev: 'node a.js' } },
      'apps/b/package.json': { name: 'notification-service-sms-gateway', scripts: { dev: 'node b.js' } },
    },
    spec: {
      setup: ['yarn install --immutable'],
      services: { 'notification-service': {}, 'notification-2': {} },
    },
  },
  {
    title: 'Prisma on PostgreSQL with bun',
    files: {
      'package.json': {
        name: 'notes',
        scripts: { dev: 'next dev' },
        dependencies: { next: '16', '@prisma/client': '6' },
        devDependencies: { prisma: '6' },
      },
      'bun.lock': '{}',
      'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
      'prisma/migrations/20260101000000_init/migration.sql': 'select 1',
    },
    spec: {
      setup: ['bun install --frozen-lockfile'],
      services: { web: { env: url } },
      database: {
        migrate: {
          command: 'export PATH=/app/node_modules/.bin:$PATH && prisma migrate deploy',
          inputs: ['prisma/migrations/*/migration.sql', 'prisma/schema.prisma'],
        },
      },
    },
  },
  {
    title: 'Prisma on SQLite, which is no PostgreSQL',
    files: {
      'package.json': {
        name: 'notes',
        scripts: { dev: 'next dev' },
        dependencies: { '@prisma/client': '6' },
      },
      'prisma/schema.prisma': 'datasource db {\n  provider = "sqlite"\n}\n',
    },
    spec: {},
    absent: ['database'],
  },
  {
    title: 'Drizzle without a migration yet',
    files: {
      'package.json': {
        name: 'notes',
        scripts: { dev: 'tsx watch src/index.ts' },
        dependencies: { 'drizzle-orm': '1', postgres: '3', fastify: '5' },
        devDependencies: { 'drizzle-kit': '1' },
      },
      'drizzle.config.ts': 'export default { url: process.env.POSTGRES_URL }',
    },
    absent: ['database.migrate'],
    spec: {
      services: { web: { env: { POSTGRES_URL: '${database.url}' } } },
      database: {},
    },
  },
  {
    title: 'Sequelize with PG variables',
    files: {
      'package.json': {
        name: 'shop',
        scripts: { start: 'nodemon app.js' },
        dependencies: { pg: '8', sequelize: '6', express: '4' },
        devDependencies: { 'sequelize-cli': '6' },
      },
      'package-lock.json': '{}',
      'app.js': 'const port = 8081; app.listen(port)',
      'migrations/1-users.js': '',
      'config/config.js': 'process.env.PGHOST, process.env.PGUSER',
    },
    spec: {
      services: {
        web: {
          command: exec('.', 'nodemon app.js'),
          port: 8081,
          env: { PGHOST: '${database.host}', PGUSER: '${database.user}' },
        },
      },
      database: { migrate: { inputs: ['migrations/*'] } },
    },
  },
  {
    title: 'TypeORM by a script of the team',
    files: {
      'package.json': {
        name: 'nest',
        scripts: {
          'start:dev': 'nest start --watch',
          'migration:run': 'typeorm migration:run -d dist/data-source.js',
        },
        dependencies: { '@nestjs/core': '11', typeorm: '0.3', pg: '8' },
      },
      'src/migrations/1-x.ts': '',
      'src/main.ts': 'await app.listen(process.env.PORT ?? 3000)',
    },
    spec: {
      services: { web: { command: exec('.', 'nest start --watch'), port: 3000 } },
      database: {
        migrate: {
          command: 'export PATH=/app/node_modules/.bin:$PATH && typeorm migration:run -d dist/data-source.js',
        },
      },
    },
  },
  {
    title: 'a script that only runs another, with variables in front',
    files: {
      'package.json': {
        name: 'x',
        scripts: { dev: 'npm run dev:web', 'dev:web': 'NODE_ENV=development node --watch server.js' },
      },
      'server.js': 'http.createServer().listen(process.env.PORT)',
    },
    spec: {
      services: {
        web: {
          command:
            'export NODE_ENV=development PATH=/app/node_modules/.bin:$PATH && exec node --watch server.js',
          port: 3000,
        },
      },
    },
  },
  {
    title: 'a script of several programs',
    files: {
      'package.json': { name: 'x', scripts: { dev: 'tsx build.ts && node dist/index.js --port 5000' } },
    },
    spec: {
      services: {
        web: {
          command:
            'export PATH=/app/node_modules/.bin:$PATH && tsx build.ts && exec node dist/index.js --port 5000',
          port: 5000,
        },
      },
    },
  },
  {
    title: 'a script that compiles and then serves',
    files: {
      'package.json': { name: 'x', scripts: { start: 'tsc && NODE_ENV=test node dist/main.js' } },
      'dist/main.js': 'app.listen(8082)',
    },
    spec: {
      services: {
        web: {
          command: 'export NODE_ENV=test PATH=/app/node_modules/.bin:$PATH && tsc && exec node dist/main.js',
          port: 8082,
        },
      },
    },
  },
  {
    title: 'a script with programs side by side, of which none is replaced',
    files: {
      'package.json': { name: 'x', scripts: { dev: 'node watch.js & node server.js' } },
      'server.js': 'app.listen(8083)',
    },
    spec: {
      services: {
        web: { command: 'export PATH=/app/node_modules/.bin:$PATH && node watch.js & node server.js' },
      },
    },
  },
  {
    title: 'Vite with a port of its own',
    files: {
      'package.json': { name: 'x', scripts: { dev: 'vite --port 5199' }, devDependencies: { vite: '7' } },
    },
    spec: { services: { web: { command: exec('.', 'vite --port 5199 --host 0.0.0.0'), port: 5199 } } },
  },
  {
    title: 'webpack-dev-server',
    files: { 'package.json': { name: 'x', scripts: { start: 'webpack serve' } } },
    spec: {
      services: {
        web: { command: expect.stringContaining('--client-web-socket-url auto://0.0.0.0:0/ws'), port: 3000 },
      },
    },
  },
  {
    title: 'Lerna',
    files: {
      'package.json': { name: 'old' },
      'lerna.json': '{"packages":["modules/*"]}',
      'modules/server/package.json': {
        name: 'server',
        scripts: { start: 'node index.js' },
        dependencies: { express: '4' },
      },
      'modules/server/index.js': 'app.listen(8080)',
    },
    spec: { services: { server: { port: 8080 } } },
  },
  {
    title: 'Nx without workspaces',
    files: {
      'package.json': { name: 'nx' },
      'nx.json': '{}',
      'apps/shop/package.json': { name: 'shop', scripts: { dev: 'astro dev' } },
    },
    spec: { services: { shop: { command: exec('apps/shop', 'astro dev --host 0.0.0.0 --port 3000') } } },
  },
  {
    title: 'Django with psycopg',
    files: { 'manage.py': '', 'requirements.txt': 'Django==5\npsycopg[binary]==3\n' },
    spec: {
      services: { web: { image: 'python:3.13', env: url } },
      database: { engine: 'postgres' },
      setup: [],
    },
  },
  {
    title: 'FastAPI',
    files: { 'pyproject.toml': 'dependencies = ["fastapi", "uvicorn"]', 'main.py': 'api = FastAPI()\n' },
    spec: {
      services: { web: { command: 'exec python -m uvicorn main:api --host 0.0.0.0 --port 3000 --reload' } },
    },
  },
  {
    title: 'Python that is no server: nothing is invented',
    files: { 'pyproject.toml': '', 'analyse.py': 'print(1)' },
    spec: { services: { web: { runtime: 'node', command: expect.stringContaining('hello') } } },
  },
  {
    title: 'Go',
    files: { 'go.mod': 'module x\n\ngo 1.24.3\n', 'main.go': 'package main' },
    spec: { services: { web: { image: 'golang:1.24', command: 'go build -o /tmp/app . && exec /tmp/app' } } },
  },
  {
    title: 'a Procfile of JavaScript, whose lines run scripts',
    files: {
      'package.json': {
        name: 'x',
        scripts: { start: 'NODE_ENV=production node server.js', jobs: 'bull work' },
      },
      Procfile: 'web: npm start\nworker: npm run jobs\nclock: node clock.js --every 5\n',
    },
    spec: {
      services: {
        web: {
          command: 'export NODE_ENV=production PATH=/app/node_modules/.bin:$PATH && exec node server.js',
        },
        worker: { command: exec('.', 'bull work') },
        clock: { command: 'exec node clock.js --every 5' },
      },
    },
  },
  {
    title: 'a Procfile of Ruby, whose lines set variables',
    files: {
      Gemfile: 'gem "puma"\n',
      Procfile: `web: RACK_ENV=development OPTS='a b' bundle exec puma\nworker: exec bundle exec sidekiq\n`,
    },
    spec: {
      services: {
        web: { command: bundle(`export RACK_ENV=development OPTS='a b' && exec bundle exec puma`) },
        worker: { command: bundle('exec bundle exec sidekiq') },
      },
    },
  },
  {
    title: 'a script with a quoted variable, and migrations with another',
    files: {
      'package.json': {
        name: 'x',
        scripts: {
          dev: `NODE_OPTIONS='--max-old-space-size=4096 --inspect' next dev`,
          'db:migrate': `NODE_OPTIONS="--import tsx --no-warnings" knex migrate:latest`,
        },
        dependencies: { next: '15', pg: '8', knex: '3' },
      },
      'knexfile.ts': '',
      'migrations/20240102030405_users.ts': '',
    },
    spec: {
      services: {
        web: {
          command: `export NODE_OPTIONS='--max-old-space-size=4096 --inspect' PATH=/app/node_modules/.bin:$PATH && exec next dev`,
        },
      },
      database: {
        migrate: {
          command: `export PATH=/app/node_modules/.bin:$PATH && NODE_OPTIONS="--import tsx --no-warnings" knex migrate:latest`,
        },
      },
    },
  },
  {
    title: 'a name with letters that a host cannot have',
    files: { 'package.json': { name: '@Org/Größe.App' }, 'index.js': 'x.listen(8080)' },
    spec: { name: 'grosse-app', services: { web: { port: 8080 } } },
  },
  {
    title: 'a workspace whose first package serves the other',
    files: {
      'package.json': { name: 'mono', workspaces: ['back', 'front'] },
      'back/package.json': { name: 'back', scripts: { start: 'node back.js' } },
      'back/back.js': 'x.listen(4000)',
      'front/package.json': { name: 'front', scripts: { start: 'node front.js' } },
      'front/front.js': 'x.listen(3000)',
    },
    absent: ['services.back.primary'],
    spec: { services: { back: { port: 4000 }, front: { port: 3000, primary: true } } },
  },
  {
    title: 'a Procfile of Python, and nothing else that says so',
    files: { Procfile: 'web: python app.py\n', 'app.py': '' },
    spec: { services: { web: { image: 'python:3.13', port: 3000, command: 'exec python app.py' } } },
  },
  {
    title: 'a Procfile',
    files: {
      Procfile:
        'web: rake assets && bundle exec puma\nworker: bundle exec sidekiq\nrelease: rake db:migrate\n',
      Gemfile: '',
    },
    absent: ['services.worker.port'],
    spec: {
      services: {
        web: { image: 'ruby:3.4', port: 3000, command: bundle('rake assets && exec bundle exec puma') },
        worker: { command: bundle('exec bundle exec sidekiq') },
      },
    },
  },
];

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'coppice-repositories-')), 'repository');
});
afterEach(() => rmSync(dirname(folder), { recursive: true }));

function write(files: Repository['files']): void {
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), typeof text === 'string' ? text : JSON.stringify(text));
  }
}

test.each(repositories)('wt init writes what is right for $title', async ({ files, spec, absent = [] }) => {
  write(files);
  await initialize(folder);
  const loaded = await loadSpec(join(folder, 'coppice.yaml'), {});
  expect(loaded.spec).toMatchObject(spec);
  for (const path of absent) expect(loaded.spec).not.toHaveProperty(path);
  expect(Object.keys(loaded.spec.services).sort()).toEqual(servicesIn(spec, loaded.spec.services));
  const commands = [...Object.values(loaded.spec.services), loaded.spec.database?.migrate];
  for (const one of commands) {
    const text = typeof one?.command === 'string' ? one.command : 'true';
    expect([text, spawnSync('sh', ['-n', '-c', text]).status]).toEqual([text, 0]);
  }
});

test.each([
  ['yarn.lock', '# yarn lockfile v1\n', 'yarn', 'npx --yes yarn@1 install --frozen-lockfile'],
  ['pnpm-lock.yaml', "lockfileVersion: '9.0'\n", 'pnpm', 'npx --yes pnpm@10 install --frozen-lockfile'],
  ['bun.lock', '{}', 'bun', 'npx --yes bun@1 install --frozen-lockfile'],
])('wt init says for %s that this machine lacks its package manager', async (lock, text, name, command) => {
  write({ 'package.json': { name: 'x', dependencies: { koa: '2' } }, [lock]: text });
  const { guessed } = await initialize(folder, '/nowhere');
  const said = guessed.notes.join('\n');
  expect(said).toContain(`setup: needs ${name}, which is not on this machine`);
  expect(said).toContain(`or write \`${command}\` in setup`);
  expect(readFileSync(join(folder, 'coppice.yaml'), 'utf8')).toContain(`# Where there is no ${name}: `);
});

test('wt init names the variables that the services need besides those it sets', async () => {
  write({
    'package.json': { name: 'x', dependencies: { pg: '8' } },
    '.env.example': 'DB_HOST=x\nPORT=1\nJWT_SECRET=x\nexport MAIL_KEY=\n',
  });
  const { guessed } = await initialize(folder);
  expect(guessed.notes).toContainEqual(
    '.env.example also has JWT_SECRET, MAIL_KEY: write what the services need under `env:`',
  );
});

/** Those of the table; all that there are where it names none. */
function servicesIn(spec: object, services: object): string[] {
  return Object.keys('services' in spec ? (spec.services as object) : services).sort();
}

test('the schema is where coppice.yaml says, and its folder ignores itself', async () => {
  write({});
  await initialize(folder);
  const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(folder, 'coppice.yaml'), 'utf8')) ?? [];
  expect(JSON.parse(readFileSync(join(folder, schema), 'utf8'))).toHaveProperty('$schema');
  expect(readFileSync(join(folder, '.coppice', '.gitignore'), 'utf8')).toBe('*\n');
  expect(existsSync(join(folder, 'infra', 'Pulumi.yaml'))).toBe(true);
});
