/**
 * What a file that `migrate.inputs` matches is to the tool that runs it. `forward`: runs once, and must not change
 * afterwards. `repeatable`: is applied again whenever it changed, or the tool itself checks what is new in it. `undo`:
 * only takes a migration back. `generated`: the tool writes it. `support`: configuration and code around migrations.
 */
export type MigrationKind = 'forward' | 'repeatable' | 'undo' | 'generated' | 'support';

/** One migration tool: how it is recognised, and what its files are. */
export interface MigrationTool {
  /** As the product writes itself. */
  readonly title: string;
  /** Found in the command, in the script that it runs, or in a file that it names. */
  readonly command: RegExp;
  /** A path that only this tool's files have. */
  readonly sign?: RegExp;
  /** The first that matches a path decides. */
  readonly kinds: readonly (readonly [MigrationKind, RegExp])[];
  /** What no row of `kinds` matches. */
  readonly otherwise: MigrationKind;
  /**
   * `sequence`: the tool expects a new migration after all that ran. `any`: it runs what is missing, wherever that
   * stands, as each file names what it follows.
   */
  readonly order: 'sequence' | 'any';
  /** A command that compares a description of the schema with the database: nothing in it runs only once. */
  readonly declarative?: RegExp;
  /** A command that loads the file that the tool otherwise writes. */
  readonly loadsSchema?: RegExp;
}

/** A tool of the table. */
export interface KnownMigrationTool extends MigrationTool {
  /** What `wt init` looks for and writes; the first that fits a repository counts. */
  readonly usual: readonly UsualSetup[];
}

/** How a repository that uses a tool usually looks, and what applies its migrations there. */
export interface UsualSetup {
  /** Names on npm, PyPI or RubyGems, or of a Go module: an app that depends on one uses the tool. */
  readonly packages: readonly string[];
  /** Patterns of its configuration, which may name the folder of migrations. One that is there gives the tool away. */
  readonly config: readonly string[];
  /** Only migrations of this tool contain it, where their names say nothing. */
  readonly text?: RegExp;
  /** Where migrations lie if no configuration names another place. */
  readonly folders: readonly string[];
  /** Patterns below such a folder. */
  readonly files: readonly string[];
  /** Applies what is missing; `{config}` is the path of the configuration, `{folder}` that of the migrations. */
  readonly command: string;
  /** The same where the configuration is not at the first place of `config`, and the tool would not find it. */
  readonly elsewhere?: string;
  /** Of the app whose package it is; absent for a program that an image of its own has. */
  readonly language?: 'javascript' | 'python' | 'ruby';
  readonly image?: string;
}

const usualFolders = [
  'migrations',
  'db/migrations',
  'src/migrations',
  'src/migration',
  'src/db/migrations',
  'src/database/migrations',
  'database/migrations',
];
/** Go's driver asks for TLS unless the address or this says no; the platform's server is inside the cluster. */
const noTls = 'PGSSLMODE=disable';
/** As variables of the shell, for the programs that want an address of JDBC. */
const jdbc = 'jdbc:postgresql://$PGHOST:$PGPORT/$PGDATABASE';

/** By-products of compilers and interpreters, in any folder of migrations. */
export const byProducts = /(^|\/)__pycache__\/|\.py[co]$|\.d\.[cm]?ts$|\.[cm]?[jt]s\.map$/;
const script = /\.([cm]?[jt]s|coffee|sql)$/;
/** The half of a pair of SQL that takes back; a name such as `7_scale-down.sql` is one of its own. */
export const down = /\.down\.sql$/;

/** Files in a folder of other code, unless one of migrations is below it: `seeds/users.js`. */
function inFolder(names: string): RegExp {
  return new RegExp(`(^|/)(${names})/(?!(.*/)?migrat[^/]*/)`, 'i');
}

/** The same where only a migration's name begins with a number: `config/config.json`. */
function unnumberedIn(names: string): RegExp {
  return new RegExp(`(^|/)(${names})/(?!(.*/)?(migrat[^/]*/|\\d[^/]*$))`, 'i');
}

/**
 * Where the names are from. Run, with a new migration, a second one, and what they write themselves: Flyway 11.20
 * (community), Liquibase 4.33, drizzle-kit 0.31, knex 3.3, TypeORM 1.1, sequelize-cli 6.6, Alembic 1.20, Django 5.2, Rails
 * 6.1, dbmate 2.36, node-pg-migrate 9.0, Atlas 0.32 (its library), Graphile Migrate 1.4 and golang-migrate 4.20: the files of
 * each are in test/unit/config/spec/migrations/. Not run: Prisma, whose engine is no package. From memory: that one's names,
 * folders of files other than those that a tool makes by itself, and the tags of images.
 */
export const migrationTools = {
  flyway: {
    title: 'Flyway',
    command: /\bflyway\b/,
    sign: /(^|\/)(V\d[\d._]*|R)__[^/]*$/,
    kinds: [
      // `V2__x.sql.conf` says how its script runs.
      ['support', /\.(conf|toml)$/],
      ['undo', /(^|\/)U\d[\d._]*__[^/]*$/],
      // Callbacks run with every migration, so an edited one has to run as well.
      ['repeatable', /(^|\/)(R__[^/]*|((before|after)[A-Z]\w*|createSchema)(__[^/]*)?\.sql)$/],
      ['forward', /(^|\/)[VB]\d[\d._]*__[^/]*$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    usual: [
      {
        packages: ['org.flywaydb'],
        config: ['flyway.toml', 'flyway.conf', 'conf/flyway.toml', 'conf/flyway.conf'],
        folders: ['src/main/resources/db/migration', 'db/migration', 'migrations', 'sql'],
        files: ['**/*.sql'],
        command: `flyway -url="${jdbc}" -user="$PGUSER" -password="$PGPASSWORD" -locations=filesystem:{folder} migrate`,
        image: 'flyway/flyway:11',
      },
    ],
  },
  liquibase: {
    title: 'Liquibase',
    command: /\bliquibase\b/,
    // `003-add-changelog.sql` is a migration of any tool.
    sign: /(^|\/)([\w-]+[.-])?(db)?changelog[^/]*\.(xml|ya?ml|json|(?<!(^|\/)\d[^/]*)sql)$/i,
    // One file holds many changesets and grows; Liquibase keeps a checksum of each and refuses an edited one itself.
    kinds: [
      // `liquibase.properties`, and the `liquibase.flowfile.yaml` and the like that `liquibase init project` writes.
      [
        'support',
        /(^|\/)liquibase\.([\w-]+\.)?(properties|conf|flow|flowfile\.ya?ml|flowvariables\.ya?ml|checks-package\.ya?ml)$/,
      ],
      ['repeatable', /\.(xml|ya?ml|json|sql|csv)$/],
    ],
    otherwise: 'support',
    order: 'any',
    usual: [
      {
        packages: ['org.liquibase'],
        config: ['liquibase.properties', 'db/liquibase.properties'],
        folders: ['src/main/resources/db/changelog', 'db/changelog', 'changelog'],
        files: ['**/*.{xml,yaml,yml,json,sql}'],
        command: `liquibase --url="${jdbc}" --username="$PGUSER" --password="$PGPASSWORD" update`,
        image: 'liquibase/liquibase:4.33',
      },
    ],
  },
  prisma: {
    title: 'Prisma',
    command: /\bprisma\b/,
    sign: /(^|\/)\d{14}_[^/]*\/migration\.sql$/,
    kinds: [
      ['undo', /(^|\/)down\.sql$/],
      ['forward', /\/migration\.sql$/],
      ['repeatable', /\.prisma$|(^|\/)migration_lock\.toml$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    declarative: /\bprisma\s+db\s+push\b/,
    usual: [
      {
        packages: ['prisma', '@prisma/client'],
        config: ['prisma.config.*'],
        folders: ['prisma/migrations', 'migrations'],
        files: ['*/migration.sql', 'migration_lock.toml', '../schema.prisma'],
        command: 'prisma migrate deploy',
        language: 'javascript',
      },
    ],
  },
  drizzle: {
    title: 'Drizzle',
    command: /\bdrizzle-(kit|orm)\b/,
    sign: /(^|\/)meta\/_journal\.json$/,
    kinds: [
      ['generated', /(^|[/_])snapshot\.json$/],
      // `drizzle-kit generate` adds a line for each migration, and `migrate` runs what it lists.
      ['repeatable', /(^|\/)meta\/_journal\.json$/],
      ['forward', /\.sql$/],
      ['generated', byProducts],
      ['repeatable', script],
    ],
    otherwise: 'support',
    order: 'sequence',
    declarative: /\bdrizzle-kit\s+push\b/,
    usual: [
      {
        packages: ['drizzle-kit'],
        config: ['drizzle.config.*', '*/drizzle.config.*'],
        folders: ['drizzle', 'drizzle/migrations', ...usualFolders],
        files: ['**/*.sql', 'meta/_journal.json'],
        command: 'drizzle-kit migrate',
        elsewhere: 'drizzle-kit migrate --config {config}',
        language: 'javascript',
      },
    ],
  },
  knex: {
    title: 'Knex',
    command: /\bknex\b/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)knexfile\.\w+$/],
      ['support', inFolder('seeds')],
      ['forward', script],
    ],
    otherwise: 'support',
    order: 'sequence',
    usual: [
      {
        packages: ['knex'],
        config: ['knexfile.*', '{db,src,config,database}/knexfile.*', 'src/*/knexfile.*'],
        folders: usualFolders,
        files: ['*'],
        command: 'knex migrate:latest',
        elsewhere: 'knex migrate:latest --knexfile {config}',
        language: 'javascript',
      },
    ],
  },
  typeorm: {
    title: 'TypeORM',
    command: /\btypeorm\b/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)((?!\d)[^/]*data-?source|ormconfig)\.\w+$/i],
      ['support', unnumberedIn('entity|entities|subscribers?')],
      ['support', inFolder('seeds')],
      ['forward', script],
    ],
    otherwise: 'support',
    order: 'sequence',
    usual: [
      {
        packages: ['typeorm'],
        config: ['{,src/,src/*/,db/,config/}*{data-source,dataSource,datasource,ormconfig}.{ts,js,mjs,cjs}'],
        folders: usualFolders,
        files: ['*'],
        command: 'typeorm migration:run -d {config}',
        language: 'javascript',
      },
    ],
  },
  sequelize: {
    title: 'Sequelize',
    command: /\bsequelize(-cli)?\b|\bumzug\b/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)\.sequelizerc$/],
      ['support', unnumberedIn('config|models')],
      ['support', inFolder('seeders')],
      ['forward', script],
    ],
    otherwise: 'support',
    order: 'sequence',
    usual: [
      {
        packages: ['sequelize-cli'],
        config: ['.sequelizerc'],
        folders: usualFolders,
        files: ['*'],
        command: 'sequelize-cli db:migrate',
        language: 'javascript',
      },
    ],
  },
  alembic: {
    title: 'Alembic',
    command: /\balembic\b|\bflask\b.*\bdb\s+upgrade\b/,
    sign: /(^|\/)versions\/[0-9a-f]{12}_[^/]*\.py$/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)__init__\.py$/],
      ['forward', /(^|\/)versions\/(.*\/)?[^/]+\.py$|(^|\/)([0-9a-f]{12}_|\d)[^/]*\.py$/],
    ],
    otherwise: 'support',
    order: 'any',
    usual: [
      {
        packages: ['flask-migrate'],
        config: [],
        folders: ['migrations/versions'],
        files: ['**/*.py'],
        command: 'python -m flask db upgrade',
        language: 'python',
      },
      {
        packages: ['alembic'],
        config: ['alembic.ini', '*/alembic.ini'],
        folders: [
          'alembic/versions',
          'migrations/versions',
          'db/versions',
          '*/alembic/versions',
          '*/migrations/versions',
        ],
        files: ['**/*.py'],
        command: 'python -m alembic upgrade head',
        elsewhere: 'python -m alembic -c {config} upgrade head',
        language: 'python',
      },
    ],
  },
  django: {
    title: 'Django',
    command: /\b(manage\.py|django-admin)\b.*\bmigrate\b/,
    sign: /(^|\/)migrations\/\d{4}_[^/]*\.py$/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)__init__\.py$/],
      ['forward', /(^|\/)migrations\/[^/]+\.py$|(^|\/)\d[^/]*\.py$/],
    ],
    otherwise: 'support',
    order: 'any',
    usual: [
      {
        packages: ['django'],
        config: ['manage.py'],
        // Patterns: a new app of the project brings a folder of its own.
        folders: ['*/migrations', '*/*/migrations'],
        files: ['*.py'],
        command: 'python manage.py migrate --noinput',
        language: 'python',
      },
    ],
  },
  rails: {
    title: 'Rails',
    command: /\b(rails|rake)\b.*\bdb:/,
    sign: /(^|\/)db\/migrate\/\d{14}_[^/]*\.rb$/,
    kinds: [
      // First, as `20240102030405_init_schema.rb` is what a squash is called.
      ['forward', /(^|\/)\d+_[^/]*\.rb$/],
      ['generated', /(^|\/)((?!\d)\w+_)?(schema\.rb|structure\.sql)$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    loadsSchema: /\bdb:(schema|structure):load\b/,
    usual: [
      {
        packages: ['rails', 'activerecord'],
        config: ['bin/rails'],
        folders: ['db/migrate'],
        files: ['*.rb'],
        command: 'bundle exec rails db:migrate',
        language: 'ruby',
      },
    ],
  },
  dbmate: {
    title: 'dbmate',
    command: /\bdbmate\b/,
    kinds: [
      ['generated', /(^|\/)schema\.sql$/],
      ['forward', /(^|\/)\d[^/]*\.sql$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    loadsSchema: /\bdbmate\b.*\bload\b/,
    usual: [
      {
        packages: ['dbmate'],
        config: [],
        folders: usualFolders,
        files: ['*.sql'],
        command: `${noTls} dbmate --migrations-dir {folder} --no-dump-schema up`,
        language: 'javascript',
      },
      {
        packages: [],
        config: [],
        text: /^-- migrate:up\b/m,
        folders: usualFolders,
        files: ['*.sql'],
        command: `${noTls} dbmate --migrations-dir {folder} --no-dump-schema up`,
        image: 'ghcr.io/amacneil/dbmate:latest',
      },
    ],
  },
  'node-pg-migrate': {
    title: 'node-pg-migrate',
    command: /\bnode-pg-migrate\b/,
    kinds: [
      ['generated', byProducts],
      ['undo', down],
      ['forward', script],
    ],
    otherwise: 'support',
    order: 'sequence',
    usual: [
      {
        packages: ['node-pg-migrate'],
        config: [],
        folders: usualFolders,
        files: ['*'],
        command: 'node-pg-migrate up -m {folder}',
        language: 'javascript',
      },
    ],
  },
  atlas: {
    title: 'Atlas',
    command: /\batlas\s+(migrate|schema)\b/,
    sign: /(^|\/)atlas\.sum$/,
    kinds: [
      ['repeatable', /(^|\/)atlas\.sum$|\.hcl$/],
      ['undo', down],
      ['forward', /\.sql$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    declarative: /\batlas\s+schema\s+apply\b/,
    usual: [
      {
        packages: [],
        config: ['atlas.hcl'],
        folders: usualFolders,
        files: ['*.sql', 'atlas.sum'],
        command: `${noTls} atlas migrate apply --dir file://{folder} --url "$DATABASE_URL"`,
        image: 'arigaio/atlas:latest-community-alpine',
      },
    ],
  },
  'graphile-migrate': {
    title: 'Graphile Migrate',
    command: /\bgraphile-migrate\b/,
    sign: /(^|\/)committed\/\d{6}[^/]*\.sql$/,
    kinds: [
      ['forward', /(^|\/)committed\/[^/]*\.sql$/],
      ['repeatable', /(^|\/)(current\.sql|current\/.*|fixtures\/.*)$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    usual: [
      {
        packages: ['graphile-migrate'],
        config: ['.gmrc', '.gmrc.js'],
        folders: ['migrations'],
        files: ['committed/*.sql'],
        command: 'graphile-migrate migrate',
        language: 'javascript',
      },
    ],
  },
  'golang-migrate': {
    title: 'golang-migrate',
    command: /\bgolang-migrate\b|(^|[\s;&|/])migrate\s+-{1,2}(path|source|database)\b/,
    kinds: [
      ['undo', /\.down\.\w+$/],
      ['forward', /\.up\.\w+$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    usual: [
      {
        packages: ['github.com/golang-migrate/migrate/v4'],
        config: [],
        folders: [
          ...usualFolders,
          'sql/migrations',
          'internal/*/migrations',
          'internal/*/*/migrations',
          'schema',
        ],
        files: ['*.up.sql'],
        command: `${noTls} migrate -path {folder} -database "$DATABASE_URL" up`,
        image: 'migrate/migrate:v4.19.0',
      },
    ],
  },
} as const satisfies Record<string, KnownMigrationTool>;

export type MigrationToolName = keyof typeof migrationTools;

export const migrationToolNames = Object.keys(migrationTools) as [MigrationToolName, ...MigrationToolName[]];
