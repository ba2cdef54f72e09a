import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialize } from '../../../../app/init/init.ts';
import { loadSpec } from '../../../../config/spec/load.ts';
import { type MigrationToolName, migrationToolNames } from '../../../../config/spec/migrations/tool-table.ts';
import { realFiles } from '../../config/spec/migrations/real-files.ts';

/** What an app has beside the files that its tool wrote, and what `wt init` makes of both. */
interface Repository {
  readonly title: string;
  readonly tool: MigrationToolName;
  readonly files: Readonly<Record<string, string | object>>;
  /** In place of those that the tool wrote. */
  readonly migrations?: readonly string[];
  readonly migrate: object;
}

const bins = 'export PATH=/app/node_modules/.bin:$PATH && ';
const venv = 'python -m venv /tmp/venv && . /tmp/venv/bin/activate && pip install -q -r requirements.txt && ';
const bundle = 'export BUNDLE_PATH=/tmp/bundle && bundle install --quiet && ';
const jdbc = 'jdbc:postgresql://$PGHOST:$PGPORT/$PGDATABASE';
const javascript = (...packages: string[]) => ({
  'package.json': {
    name: 'shop',
    scripts: { start: 'node server.js' },
    dependencies: Object.fromEntries(['pg', ...packages].map((name) => [name, '1'])),
  },
});

const repositories: readonly Repository[] = [
  {
    title: 'Flyway in a project of Maven',
    tool: 'flyway',
    files: { 'pom.xml': '<groupId>org.postgresql</groupId>\n<groupId>org.flywaydb</groupId>' },
    migrate: {
      command: `flyway -url="${jdbc}" -user="$PGUSER" -password="$PGPASSWORD" -locations=filesystem:db/migration migrate`,
      inputs: ['db/migration/**/*.sql'],
      image: 'flyway/flyway:11',
    },
  },
  {
    title: 'Liquibase with its properties',
    tool: 'liquibase',
    files: { 'pom.xml': '<groupId>org.postgresql</groupId>', 'changelog/example-changelog.sql': '' },
    migrate: {
      command: `liquibase --url="${jdbc}" --username="$PGUSER" --password="$PGPASSWORD" update`,
      inputs: ['liquibase.properties', 'changelog/**/*.{xml,yaml,yml,json,sql}'],
      image: 'liquibase/liquibase:4.33',
    },
  },
  {
    title: 'Prisma with its configuration in TypeScript',
    tool: 'prisma',
    files: {
      ...javascript('prisma'),
      'prisma.config.ts': "export default { schema: 'prisma/schema.prisma' }",
      'prisma/schema.prisma': '',
    },
    migrations: ['prisma/migrations/20260101000000_init/migration.sql'],
    migrate: {
      command: `${bins}prisma migrate deploy`,
      inputs: ['prisma.config.*', 'prisma/migrations/*/migration.sql', 'prisma/schema.prisma'],
    },
  },
  {
    title: 'Drizzle',
    tool: 'drizzle',
    files: javascript('drizzle-orm', 'drizzle-kit'),
    migrate: {
      command: `${bins}drizzle-kit migrate`,
      inputs: ['drizzle.config.*', 'drizzle/**/*.sql', 'drizzle/meta/_journal.json'],
    },
  },
  {
    title: 'Knex with a configuration and migrations elsewhere',
    tool: 'knex',
    files: {
      ...javascript('knex'),
      'db/knexfile.js': "module.exports = { migrations: { directory: './changes' } }",
    },
    migrations: ['db/changes/20261130101739_users.js', 'db/seeds/s1.js'],
    migrate: {
      command: `${bins}knex migrate:latest --knexfile db/knexfile.js`,
      inputs: ['{db,src,config,database}/knexfile.*', 'db/changes/*'],
    },
  },
  {
    title: "Knex by the team's own script",
    tool: 'knex',
    files: {
      'package.json': {
        name: 'shop',
        scripts: {
          start: 'knex migrate:latest && node server.js',
          'db:new': 'knex migrate:make',
          schema: 'npx knex migrate:latest --env worktree',
        },
        dependencies: { pg: '8', knex: '3' },
      },
    },
    migrate: { command: `${bins}knex migrate:latest --env worktree`, inputs: ['knexfile.*', 'migrations/*'] },
  },
  {
    title: 'TypeORM with a data source in TypeScript',
    tool: 'typeorm',
    files: {
      ...javascript('typeorm', 'ts-node'),
      'src/data-source.ts':
        "new DataSource({ entities: ['src/entity/*.ts'], migrations: ['src/migrations/*.ts'] })",
      'src/entity/User.ts': '',
    },
    migrate: {
      command: `${bins}typeorm-ts-node-commonjs migration:run -d src/data-source.ts`,
      inputs: [expect.stringContaining('data-source'), 'src/migrations/*'],
    },
  },
  {
    title: 'TypeORM with tsx',
    tool: 'typeorm',
    files: { ...javascript('typeorm', 'tsx'), 'src/data-source.ts': '' },
    migrate: { command: `${bins}NODE_OPTIONS='--import tsx' typeorm migration:run -d src/data-source.ts` },
  },
  {
    title: 'Sequelize with .sequelizerc',
    tool: 'sequelize',
    files: {
      ...javascript('sequelize', 'sequelize-cli'),
      '.sequelizerc':
        "module.exports = { 'migrations-path': path.resolve('server', 'x'), y: 'server/changes' }",
    },
    migrations: ['server/changes/20261130101441-users.js'],
    migrate: {
      command: `${bins}sequelize-cli db:migrate`,
      inputs: ['.sequelizerc', 'server/changes/*'],
    },
  },
  {
    title: 'Alembic',
    tool: 'alembic',
    files: { 'requirements.txt': 'alembic==1.20\npsycopg2-binary\n', 'main.py': '' },
    migrate: {
      command: `${venv}python -m alembic upgrade head`,
      inputs: ['alembic.ini', 'alembic/versions/**/*.py'],
      image: 'python:3.13',
    },
  },
  {
    title: 'Flask-Migrate',
    tool: 'alembic',
    files: { 'requirements.txt': 'Flask-Migrate\npsycopg[binary]\n', 'app.py': 'app = Flask()\n' },
    migrations: ['migrations/versions/bf0c81cadbaa_users.py', 'migrations/alembic.ini'],
    migrate: {
      command: `${venv}python -m flask db upgrade`,
      inputs: ['migrations/versions/**/*.py'],
    },
  },
  {
    title: 'Django, whose next app brings a folder of its own',
    tool: 'django',
    files: { 'requirements.txt': 'Django==5.2\npsycopg[binary]==3\n' },
    migrate: {
      command: `${venv}python manage.py migrate --noinput`,
      inputs: ['manage.py', '*/migrations/*.py'],
    },
  },
  {
    title: 'Rails',
    tool: 'rails',
    files: {
      Gemfile: 'ruby "3.3.1"\ngem "rails", "~> 8"\ngem "pg", "~> 1.1"\n',
      'config.ru': '',
    },
    migrate: {
      command: `${bundle}bundle exec rails db:migrate`,
      inputs: ['bin/rails', 'db/migrate/*.rb'],
      image: 'ruby:3.3',
    },
  },
  {
    title: 'Rails whose only migration is a squash of all before it',
    tool: 'rails',
    files: {
      Gemfile: 'ruby "3.3.1"\ngem "rails", "~> 8"\ngem "pg", "~> 1.1"\n',
      'config.ru': '',
      'bin/rails': '',
      'db/migrate/20240102030405_init_schema.rb': '',
    },
    migrations: [],
    migrate: {
      command: `${bundle}bundle exec rails db:migrate`,
      inputs: ['bin/rails', 'db/migrate/*.rb'],
      image: 'ruby:3.3',
    },
  },
  {
    title: 'dbmate in a repository of Go, known by what its files say',
    tool: 'dbmate',
    files: {
      'go.mod': 'module shop\n\ngo 1.24\n\nrequire github.com/jackc/pgx/v5 v5.7.0\n',
      'main.go': 'os.Getenv("DATABASE_URL")',
      'db/migrations/20261130101420_create_users.sql': '-- migrate:up\n\n-- migrate:down\n',
    },
    migrations: [],
    migrate: {
      command: 'PGSSLMODE=disable dbmate --migrations-dir db/migrations --no-dump-schema up',
      inputs: ['db/migrations/*.sql'],
      image: 'ghcr.io/amacneil/dbmate:latest',
    },
  },
  {
    title: 'node-pg-migrate',
    tool: 'node-pg-migrate',
    files: javascript('node-pg-migrate'),
    migrate: { command: `${bins}node-pg-migrate up -m migrations`, inputs: ['migrations/*'] },
  },
  {
    title: 'Atlas with a folder named in atlas.hcl',
    tool: 'atlas',
    files: {
      'go.mod': 'require github.com/lib/pq v1.10.9',
      'main.go': '',
      'atlas.hcl': 'env "local" {\n  migration {\n    dir = "file://ent/migrate"\n  }\n}\n',
    },
    migrations: ['ent/migrate/20261130102045_users.sql', 'ent/migrate/atlas.sum'],
    migrate: {
      command: 'PGSSLMODE=disable atlas migrate apply --dir file://ent/migrate --url "$DATABASE_URL"',
      inputs: ['atlas.hcl', 'ent/migrate/*.sql', 'ent/migrate/atlas.sum'],
      image: 'arigaio/atlas:latest-community-alpine',
    },
  },
  {
    title: 'Graphile Migrate',
    tool: 'graphile-migrate',
    files: javascript('graphile-migrate'),
    migrations: ['.gmrc', 'migrations/current.sql', 'migrations/committed/000001.sql'],
    migrate: { command: `${bins}graphile-migrate migrate`, inputs: ['.gmrc', 'migrations/committed/*.sql'] },
  },
  {
    title: 'golang-migrate by a Makefile',
    tool: 'golang-migrate',
    files: {
      'go.mod': 'require github.com/lib/pq v1.10.9',
      'main.go': '',
      Makefile: 'up:\n\tmigrate -path db/migrations -database "$(DATABASE_URL)" up\n',
    },
    migrate: {
      command: 'PGSSLMODE=disable migrate -path db/migrations -database "$DATABASE_URL" up',
      inputs: ['db/migrations/*.up.sql'],
      image: 'migrate/migrate:v4.19.0',
    },
  },
];

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'coppice-init-migrations-')), 'shop');
});
afterEach(() => rmSync(dirname(folder), { recursive: true }));

function write({ tool, files, migrations }: Repository): void {
  const written = migrations ?? Object.values(realFiles[tool]?.files ?? {}).flat();
  for (const [file, text] of [...written.map((path) => [path, ''] as const), ...Object.entries(files)]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), typeof text === 'string' ? text : JSON.stringify(text));
  }
}

test.each(repositories)('wt init migrates with $title', async (repository) => {
  write(repository);
  await initialize(folder);
  const { spec } = await loadSpec(join(folder, 'coppice.yaml'), {});
  expect(spec.database).toMatchObject({ migrate: repository.migrate });
});

test('there is a repository for each tool of the table', () => {
  expect([...new Set(repositories.map(({ tool }) => tool))].sort()).toEqual([...migrationToolNames].sort());
});

test('a command gets the variables that the configuration reads, beside ours', async () => {
  write({
    title: '',
    tool: 'knex',
    files: {
      ...javascript('knex'),
      'knexfile.js': 'process.env.DB_HOST, process.env.PGUSER, process.env.DB_NAME',
    },
    migrations: ['migrations/1_a.js'],
    migrate: {},
  });
  await initialize(folder);
  const { spec } = await loadSpec(join(folder, 'coppice.yaml'), {});
  expect(spec.database?.migrate?.env).toEqual({
    DB_HOST: '${database.host}',
    DB_NAME: '${database.name}',
  });
});
