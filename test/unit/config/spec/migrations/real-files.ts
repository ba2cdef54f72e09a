import type { MigrationKind, MigrationToolName } from '../../../../../config/spec/migrations/tool-table.ts';

/** What a tool itself wrote in an empty folder: two migrations, and what applying them left there. */
export interface RealFiles {
  readonly version: string;
  readonly files: Partial<Record<MigrationKind, readonly string[]>>;
}

/** Prisma is missing: its engine is no package. */
export const realFiles: Partial<Record<MigrationToolName, RealFiles>> = {
  flyway: {
    // Names that `info` listed, and callbacks that `migrate` called.
    version: '11.20.0',
    files: {
      forward: [
        'db/migration/V1__init.sql',
        'db/migration/V1.2__price.sql',
        'db/migration/V2_1__x.sql',
        'db/migration/B2.1__base.sql',
        'db/migration/V20240102030405__t.sql',
      ],
      repeatable: [
        'db/migration/R__prices.sql',
        'db/migration/beforeMigrate.sql',
        'db/migration/afterMigrate.sql',
        'db/migration/afterEachMigrate__x.sql',
        'db/migration/afterMigrateApplied.sql',
        'db/migration/createSchema.sql',
      ],
      undo: ['db/migration/U1.2__price.sql'],
      support: ['db/migration/V1.2__price.sql.conf'],
    },
  },
  liquibase: {
    version: '4.33.0',
    files: {
      repeatable: ['example-changelog.sql'],
      support: [
        'liquibase.properties',
        'liquibase.flowfile.yaml',
        'liquibase.advanced.flowfile.yaml',
        'liquibase.flowvariables.yaml',
        'liquibase.endstage.flow',
        'liquibase.checks-package.yaml',
      ],
    },
  },
  drizzle: {
    version: '0.31.11',
    files: {
      forward: ['drizzle/0000_users.sql', 'drizzle/0001_eager_black_panther.sql', 'drizzle/0002_seed.sql'],
      generated: ['drizzle/meta/0000_snapshot.json', 'drizzle/meta/0001_snapshot.json'],
      repeatable: ['drizzle/meta/_journal.json', 'drizzle.config.ts'],
    },
  },
  knex: {
    version: '3.3.0',
    files: {
      forward: [
        'migrations/20261130101739_users.js',
        'migrations/20261130101743_p_ts.ts',
        'migrations/20261130101747_p_mjs.mjs',
      ],
      support: ['knexfile.js', 'seeds/s1.js'],
    },
  },
  typeorm: {
    version: '1.1.1',
    files: { forward: ['src/migrations/1796033677375-Users.ts', 'src/migrations/1796033678524-Price.js'] },
  },
  sequelize: {
    version: '6.6.5',
    files: {
      forward: ['migrations/20261130101441-users.js', 'migrations/20261130101442-create-u.js'],
      support: ['config/config.json', 'models/index.js', 'models/u.js', 'seeders/20261130101443-s.js'],
    },
  },
  alembic: {
    version: '1.20.1',
    files: {
      forward: ['alembic/versions/bf0c81cadbaa_users_table.py', 'alembic/versions/3f211ce2d87b_price.py'],
      generated: ['alembic/versions/__pycache__/3f211ce2d87b_price.cpython-312.pyc'],
      support: ['alembic.ini', 'alembic/env.py', 'alembic/script.py.mako', 'alembic/README'],
    },
  },
  django: {
    version: '5.2.19',
    files: {
      forward: [
        'orders/migrations/0001_initial.py',
        'orders/migrations/0002_price.py',
        'orders/migrations/0003_auto_20261130_1015.py',
        'orders/migrations/0001_squashed_0002_price.py',
      ],
      generated: ['orders/migrations/__pycache__/0001_initial.cpython-312.pyc'],
      support: ['manage.py', 'orders/migrations/__init__.py', 'orders/models.py', 'orders/apps.py'],
    },
  },
  rails: {
    version: '6.1.7',
    files: {
      forward: [
        'db/migrate/20261130102146_create_users.rb',
        'db/migrate/20261130102153_add_price_to_users.rb',
      ],
      generated: ['db/schema.rb'],
      support: ['bin/rails', 'config/database.yml'],
    },
  },
  dbmate: {
    version: '2.36.0',
    files: {
      forward: [
        'db/migrations/20261130101420_create_users.sql',
        'db/migrations/20261130101421_add_price.sql',
      ],
    },
  },
  'node-pg-migrate': {
    version: '9.0.0',
    files: {
      forward: [
        'migrations/1796033672558_users.js',
        'migrations/1796033673829_price.ts',
        'migrations/1796033674503_sq.sql',
        'migrations/20261130101435322_utc-x.js',
        'migrations/00001796033675323_idx.js',
      ],
    },
  },
  atlas: {
    version: '0.32.1, the library',
    files: {
      forward: ['migrations/20261130102045_users.sql', 'migrations/20261130102046_price.sql'],
      repeatable: ['migrations/atlas.sum'],
    },
  },
  'graphile-migrate': {
    version: '1.4.1, `init` alone',
    files: { repeatable: ['migrations/current.sql'], support: ['.gmrc'] },
  },
  'golang-migrate': {
    version: '4.20.1',
    files: {
      forward: [
        'db/migrations/20261130101421_users.up.sql',
        'db/seq/000001_users.up.sql',
        'db/seq/000002_price.up.sql',
      ],
      undo: [
        'db/migrations/20261130101421_users.down.sql',
        'db/seq/000001_users.down.sql',
        'db/seq/000002_price.down.sql',
      ],
    },
  },
};
