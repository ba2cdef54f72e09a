import { describe, expect, test } from 'vitest';
import { linksOf } from '../../../../../config/spec/migrations/content.ts';
import { isAfter, placeOfMigration } from '../../../../../config/spec/migrations/sequence.ts';
import {
  type MigrationKind,
  type MigrationToolName,
  migrationToolNames,
} from '../../../../../config/spec/migrations/tool-table.ts';
import { migrationKinds, recogniseTool } from '../../../../../config/spec/migrations/tools.ts';
import { realFiles } from './real-files.ts';

/** The files of a repository as each tool makes them, by what they are. */
interface Fixture {
  /** Commands that people run. */
  readonly commands: readonly string[];
  /** Whether the files alone give it away. */
  readonly bySign: boolean;
  readonly files: Partial<Record<MigrationKind, readonly string[]>>;
}

const fixtures: Record<MigrationToolName, Fixture> = {
  flyway: {
    commands: ['flyway migrate', '/flyway/flyway -url=$JDBC migrate', 'mvn flyway:migrate'],
    bySign: true,
    files: {
      forward: ['db/V1__init.sql', 'db/V1.2__price.sql', 'db/sub/V2_1__x.java', 'db/B5__baseline.sql'],
      repeatable: ['db/R__prices.sql', 'db/afterMigrate.sql', 'db/beforeEachMigrate__x.sql'],
      undo: ['db/U1.2__price.sql'],
      support: ['db/flyway.conf', 'db/V1.2__price.sql.conf'],
    },
  },
  liquibase: {
    commands: ['liquibase update', 'liquibase --changelog-file=db/changelog.xml update'],
    bySign: true,
    files: {
      repeatable: ['db/changelog-root.yaml', 'db/changes/001-init.sql', 'db/changes/data.csv'],
      support: ['db/liquibase.properties'],
    },
  },
  prisma: {
    commands: ['npx prisma migrate deploy', 'pnpm prisma migrate deploy --schema prisma/schema.prisma'],
    bySign: true,
    files: {
      forward: ['prisma/migrations/20240102030405_init/migration.sql'],
      repeatable: ['prisma/schema.prisma', 'prisma/migrations/migration_lock.toml'],
      undo: ['prisma/migrations/20240102030405_init/down.sql'],
      support: ['prisma/seed.ts'],
    },
  },
  drizzle: {
    commands: ['npx drizzle-kit migrate', "import { migrate } from 'drizzle-orm/node-postgres/migrator';"],
    bySign: true,
    files: {
      forward: ['drizzle/0000_curly_iron_man.sql'],
      repeatable: ['drizzle/meta/_journal.json', 'drizzle.config.ts'],
      generated: ['drizzle/meta/0000_snapshot.json', 'drizzle/20260102030405_x/snapshot.json'],
    },
  },
  knex: {
    commands: ['npx knex migrate:latest', "const knex = require('knex')(config);"],
    bySign: false,
    files: {
      forward: ['db/migrations/20240102030405_users.js', 'db/migrations/20240102030406_more.ts'],
      generated: ['db/migrations/20240102030406_more.d.ts', 'db/migrations/20240102030406_more.js.map'],
      support: ['db/knexfile.js', 'db/seeds/users.js'],
    },
  },
  typeorm: {
    commands: [
      'npx typeorm migration:run -d dist/data-source.js',
      'typeorm-ts-node-commonjs migration:run',
    ].slice(0, 1),
    bySign: false,
    files: {
      forward: ['src/migrations/1700000000000-CreateUser.ts', 'src/migrations/1700000000001-Price.js'],
      generated: ['src/migrations/1700000000001-Price.d.ts'],
      support: ['src/data-source.ts', 'src/entity/User.ts'],
    },
  },
  sequelize: {
    commands: ['npx sequelize-cli db:migrate', 'npx sequelize db:migrate --env test'],
    bySign: false,
    files: {
      forward: [
        'db/migrations/20240102030405-create-user.js',
        'db/migrations/20240102030405-create-user.cjs',
      ],
      support: ['db/config/config.json', 'db/models/user.js', 'db/seeders/20240102030405-demo.js'],
    },
  },
  alembic: {
    commands: ['alembic upgrade head', 'python -m alembic upgrade heads', 'flask --app shop db upgrade'],
    bySign: true,
    files: {
      forward: ['alembic/versions/1975ea83b712_init.py', 'alembic/versions/2024/ae1027a6acf3_more.py'],
      generated: ['alembic/versions/__pycache__/1975ea83b712_init.cpython-312.pyc'],
      support: ['alembic/env.py', 'alembic/script.py.mako', 'alembic.ini', 'alembic/versions/__init__.py'],
    },
  },
  django: {
    commands: ['python manage.py migrate', 'django-admin migrate --noinput'],
    bySign: true,
    files: {
      forward: ['shop/migrations/0001_initial.py', 'users/migrations/0001_squashed_0007_more.py'],
      generated: ['shop/migrations/__pycache__/0001_initial.cpython-312.pyc'],
      support: ['shop/migrations/__init__.py', 'shop/models.py'],
    },
  },
  rails: {
    commands: ['bin/rails db:migrate', 'bundle exec rake db:migrate', 'bin/rails db:prepare'],
    bySign: true,
    files: {
      forward: ['db/migrate/20240102030405_create_users.rb', 'db/cache_migrate/20240102030406_x.rb'],
      generated: ['db/schema.rb', 'db/structure.sql', 'db/cache_schema.rb'],
      support: ['db/seeds.rb'],
    },
  },
  dbmate: {
    commands: ['dbmate up', 'dbmate --url "$DATABASE_URL" --wait up'],
    bySign: false,
    files: { forward: ['db/migrations/20240102030405_users.sql'], generated: ['db/schema.sql'] },
  },
  'node-pg-migrate': {
    commands: ['npx node-pg-migrate up', 'node-pg-migrate -m db/migrations up'],
    bySign: false,
    files: {
      forward: ['migrations/1700000000000_users.js', 'migrations/1700000000001_price.up.sql'],
      undo: ['migrations/1700000000001_price.down.sql'],
      support: ['migrations/config.json'],
    },
  },
  atlas: {
    commands: ['atlas migrate apply --env local', 'atlas migrate apply --url "$DATABASE_URL"'],
    bySign: true,
    files: {
      forward: ['migrations/20240102030405_users.sql', 'migrations/20240102030405.sql'],
      repeatable: ['migrations/atlas.sum', 'schema.hcl'],
      undo: ['migrations/20240102030405_users.down.sql'],
    },
  },
  'graphile-migrate': {
    commands: ['npx graphile-migrate migrate'],
    bySign: true,
    files: {
      forward: ['migrations/committed/000001.sql', 'migrations/committed/000002-price.sql'],
      repeatable: ['migrations/current.sql'],
    },
  },
  'golang-migrate': {
    commands: [
      'migrate -path db/migrations -database "$DATABASE_URL" up',
      '/bin/migrate -source file://db up',
    ],
    bySign: false,
    files: {
      forward: ['db/migrations/000001_users.up.sql'],
      undo: ['db/migrations/000001_users.down.sql'],
    },
  },
};

describe.each(migrationToolNames)('%s', (name) => {
  const { commands, bySign, files } = fixtures[name];
  const paths = Object.values(files).flat();

  test.each(commands)('is recognised by `%s`', (command) => {
    expect(recogniseTool([command], [])).toBe(name);
  });

  test('is recognised by its files where only it has such files', () => {
    expect(recogniseTool(['node migrate.js'], paths)).toBe(bySign ? name : undefined);
  });

  test.each(Object.entries(files))('has files that are %s', (kind, ofKind) => {
    const kinds = migrationKinds(name, paths);
    expect(ofKind.map((path) => [path, kinds.get(path)])).toEqual(ofKind.map((path) => [path, kind]));
  });
});

describe.each(Object.entries(realFiles))('the files that %s itself wrote', (name, { files }) => {
  const paths = Object.values(files).flat();

  test.each(Object.entries(files))('are %s as the table says', (kind, ofKind) => {
    const kinds = migrationKinds(name as MigrationToolName, paths);
    expect(ofKind.map((path) => [path, kinds.get(path)])).toEqual(ofKind.map((path) => [path, kind]));
  });
});

test('the order of the files that a tool wrote is that in which it wrote them', () => {
  for (const name of ['knex', 'sequelize', 'rails', 'dbmate', 'atlas', 'drizzle'] as const) {
    const [first = '', second = ''] = realFiles[name]?.files.forward ?? [];
    expect([name, isAfter(second, first), isAfter(first, second)]).toEqual([name, true, false]);
  }
});

test('a tool that is only spoken of in a comment is not the one', () => {
  const text = '// As Flyway and dbmate do it\n# alembic\n/* knex\n * prisma */\nrun();';
  expect(recogniseTool([text], ['db/0001_init.sql'])).toBeUndefined();
});

test('a command that compares the whole schema has nothing that runs once', () => {
  const push = migrationKinds(
    'prisma',
    ['prisma/schema.prisma', 'prisma/migrations/20240102030405_a/migration.sql'],
    'prisma db push',
  );
  expect([...push.values()]).toEqual(['repeatable', 'repeatable']);
  expect(
    migrationKinds('atlas', ['schema.sql'], 'atlas schema apply --to file://schema.sql').get('schema.sql'),
  ).toBe('repeatable');
});

test('a schema file is what runs where the command loads it, or where there is nothing else', () => {
  const paths = ['db/schema.rb', 'db/migrate/20240102030405_a.rb'];
  expect(migrationKinds('rails', paths, 'bin/rails db:schema:load').get('db/schema.rb')).toBe('forward');
  expect(migrationKinds('rails', paths, 'bin/rails db:migrate').get('db/schema.rb')).toBe('generated');
  expect(migrationKinds(undefined, ['db/schema.sql']).get('db/schema.sql')).toBe('forward');
  expect(migrationKinds(undefined, ['db/schema.sql', 'db/1.sql']).get('db/schema.sql')).toBe('generated');
});

describe('the order of migrations', () => {
  test.each([
    ['db/0010_b.sql', 'db/0009_a.sql'],
    ['db/V1.10__b.sql', 'db/V1.9__a.sql'],
    ['db/V2__b.sql', 'other/V1_9_9__a.sql'],
    ['m/20240102030406_b/migration.sql', 'm/20240102030405_a/migration.sql'],
    ['m/1700000000001-b.ts', 'm/1700000000000-a.ts'],
    ['users/0001_a.sql', 'shop/0007_z.sql'],
    ['db/b.sql', 'db/a.sql'],
  ])('%s is after %s', (after, before) => {
    expect(isAfter(after, before)).toBe(true);
  });

  test.each([
    ['db/0008_b.sql', 'db/0009_a.sql'],
    ['db/V1.1__b.sql', 'other/V1.9__a.sql'],
    ['m/20240102030404_b/migration.sql', 'm/20240102030405_a/migration.sql'],
  ])('%s is not after %s', (one, other) => {
    expect(isAfter(one, other)).toBe(false);
  });

  test.each([
    ['db/0007_a.sql', 'db/7_b.sql'],
    ['a/V1_2__a.sql', 'b/V1.2.0__b.sql'],
    ['m/20240102030405_a/migration.sql', 'm/20240102030405_b/migration.sql'],
  ])('%s and %s take one number', (one, other) => {
    expect(placeOfMigration(one)?.key).toBe(placeOfMigration(other)?.key);
  });

  test('a revision of hexadecimal digits has no number', () => {
    expect(placeOfMigration('versions/1975ea83b712_init.py')).toBeUndefined();
    expect(placeOfMigration('versions/ae1027a6acf3_more.py')).toBeUndefined();
  });
});

describe('what a migration says about others', () => {
  test('Alembic: what it follows, unless it is the first or a merge', () => {
    const follows = (text: string) => linksOf('alembic', 'versions/a.py', text).follows;
    expect(follows("revision = 'b'\ndown_revision = 'a'\n")).toBe('a');
    expect(follows('revision: str = "b"\ndown_revision: Union[str, None] = "a"\n')).toBe('a');
    expect(follows('down_revision: Union[str, None] = None\n')).toBeUndefined();
    expect(follows("down_revision = ('a', 'b')\n")).toBeUndefined();
  });

  test('Django: what it was squashed from', () => {
    const text = `class Migration(migrations.Migration):
    replaces = [("shop", "0001_initial"), ("shop", "0002_price")]
`;
    expect(linksOf('django', 'shop/migrations/0001_squashed_0002.py', text).replaces).toEqual([
      'shop/migrations/0001_initial.py',
      'shop/migrations/0002_price.py',
    ]);
  });
});

/** Words that a rule of the table looks for, or that another tool's rule might. */
const words = [
  ...['schema', 'structure', 'snapshot', 'down', 'undo', 'revert', 'seed', 'seeds', 'test', 'config'],
  ...[
    'index',
    'meta',
    'templates',
    'helpers',
    'data-source',
    'datasource',
    'ormconfig',
    'knexfile',
    'models',
  ],
  ...[
    'current',
    'fixtures',
    'changelog',
    'conf',
    'generated',
    'journal',
    'env',
    'initial_schema',
    'subscriber',
  ],
];
/** Folders that a rule of the table looks for, above that of the migrations. */
const above = [
  'config',
  'models',
  'seeders',
  'seeds',
  'entity',
  'entities',
  'subscribers',
  'current',
  'fixtures',
];
/** A migration of each tool, by the words of its name. */
const numbered: Record<MigrationToolName | 'own', readonly ((words: string) => string)[]> = {
  flyway: [(of) => `migrations/V003__${of}.sql`],
  liquibase: [(of) => `migrations/003-${of}.sql`, (of) => `migrations/liquibase.${of}.xml`],
  prisma: [(of) => `migrations/20240102030405_${of}/migration.sql`],
  drizzle: [(of) => `migrations/0003_${of}.sql`, (of) => `migrations/20240102030405_${of}/migration.sql`],
  knex: [(of) => `migrations/20240102030405_${of}.js`],
  typeorm: [(of) => `migrations/1700000000000-${of}.ts`, (of) => `migrations/1700000000000-Add${of}.ts`],
  sequelize: [(of) => `migrations/20240102030405-${of}.js`],
  alembic: [(of) => `versions/1975ea83b712_${of}.py`, (of) => `migrations/0003_${of}.py`],
  django: [(of) => `migrations/0003_${of}.py`],
  rails: [(of) => `db/migrate/20240102030405_${of}.rb`],
  dbmate: [(of) => `migrations/20240102030405_${of}.sql`],
  'node-pg-migrate': [
    (of) => `migrations/1700000000000_${of}.js`,
    (of) => `migrations/1700000000000_${of}.sql`,
  ],
  atlas: [(of) => `migrations/20240102030405_${of}.sql`],
  'graphile-migrate': [(of) => `migrations/committed/000003-${of}.sql`],
  'golang-migrate': [(of) => `migrations/000003_${of}.up.sql`],
  own: [(of) => `migrations/003_${of}.sql`, (of) => `migrations/003-${of}.js`, (of) => `003_${of}.rb`],
};

describe.each([...migrationToolNames, 'own'] as const)('a migration of %s', (name) => {
  const kind = name === 'liquibase' ? 'repeatable' : 'forward';
  const tool = name === 'own' ? undefined : name;
  const notApplied = (paths: readonly string[]) =>
    [...migrationKinds(tool, [...paths, 'migrations/V1__a.sql', 'migrations/1_a.sql'])].filter(
      ([path, found]) => paths.includes(path) && found !== kind,
    );

  test('is one whatever words its name ends in', () => {
    const names = words.flatMap((word) => [word, `add_${word}`, `add-${word}`]);
    expect(notApplied(numbered[name].flatMap((path) => names.map(path)))).toEqual([]);
  });

  test('is one whatever folder that of the migrations is in', () => {
    expect(
      notApplied(above.flatMap((at) => numbered[name].map((path) => `src/${at}/${path('price')}`))),
    ).toEqual([]);
  });
});

test('a folder of migrations is one whatever their names begin with', () => {
  const kinds = (tool: MigrationToolName, ...paths: string[]) => [...migrationKinds(tool, paths).values()];
  expect(kinds('typeorm', 'src/entities/migrations/AddUsers.ts')).toEqual(['forward']);
  expect(kinds('sequelize', 'server/config/migrations/add-users.js')).toEqual(['forward']);
  expect(kinds('knex', 'seeds/migrations/add.js', 'migrations/seeds/add.js')).toEqual(['forward', 'support']);
});

test('a migration that is named after a log of changes makes nobody a user of Liquibase', () => {
  expect(recogniseTool(['node migrate.js'], ['db/migrations/003-add-changelog.sql'])).toBeUndefined();
  expect(recogniseTool(['./run'], ['db/001-changelog.xml'])).toBe('liquibase');
});

test('what a command of its own writes or takes back is told from its migrations', () => {
  const files: Partial<Record<MigrationKind, readonly string[]>> = {
    forward: [
      'db/migrations/001_initial_schema.sql',
      'db/migrations/create_schema.sql',
      'db/migrations/004-scale-down.sql',
      'db/migrations/005-price-up.sql',
      'db/migrations/006_price.up.sql',
      'db/migrations/007_price_up.sql',
    ],
    undo: [
      'db/migrations/005-price-down.sql',
      'db/migrations/006_price.down.sql',
      'db/migrations/007_price_down.sql',
    ],
    generated: ['db/schema.sql', 'db/structure.sql', 'db/cache_schema.rb', 'db/cache_structure.sql'],
    repeatable: ['db/migrations/R__views.sql'],
  };
  const kinds = migrationKinds(undefined, Object.values(files).flat());
  for (const [kind, paths] of Object.entries(files))
    expect(paths.map((path) => [path, kinds.get(path)])).toEqual(paths.map((path) => [path, kind]));
});
