import { z } from 'zod';
import { migrationToolNames } from '../migrations/tool-table.ts';
import { command, duration, image, inside, processText, runtime, variables } from './values.ts';

const engines = ['postgres', 'sqlite'] as const;
const servers = ['platform', 'managed'] as const;
/** Real migrations of a big application take a minute or two. */
const defaultTimeout = '10m';

const dumpRule = 'must be a path below this folder or an absolute one';
const dumpPath = processText.regex(/^(\/|(?!~)(?!(.*\/)?\.\.(\/|$)))[^\\]+$/, { error: dumpRule });

const extension = z
  .string({ error: 'must be the name of an extension such as pgcrypto' })
  .regex(/^[a-z_][a-z0-9_-]{0,62}$/, { error: 'must be the name of an extension such as pgcrypto' });

const inputs = z
  .array(inside)
  .min(1, { error: 'must not be empty' })
  .describe(
    'Files that it reads, as patterns such as `db/**`; their content decides which template is used.',
  );

const process = {
  runtime: runtime
    .optional()
    .describe(
      'Runtime that it runs in. Default: that of the primary service, or of the first service that has one.',
    ),
  image: image.optional().describe('Image that it runs in, for any language.'),
  env: variables
    .optional()
    .describe(
      'Environment variables in addition to DATABASE_URL and PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, which are always set.',
    ),
};
const commandWords = command.describe(
  'Runs in /app against the database that DATABASE_URL names: text runs with `sh -c`, a list is executed as it is.',
);
const timeout = duration.describe(
  `Stopped after this time, in seconds (\`90s\`) or minutes (\`5m\`); default: ${defaultTimeout}.`,
);
const notBoth = { not: { required: ['runtime', 'image'] } };

const patterns = z.array(inside);

const migrate = z
  .strictObject({
    command: commandWords,
    inputs,
    tool: z
      .enum(migrationToolNames)
      .optional()
      .describe(
        'The migration tool, which decides what its files are. Default: recognised by the command and the names of the files.',
      ),
    repeatable: patterns
      .optional()
      .describe('Files among the inputs that run again whenever they change, such as `db/views/*.sql`.'),
    generated: patterns
      .optional()
      .describe(
        'Files among the inputs that the command writes itself, such as `db/schema.sql`: no migrations.',
      ),
    ...process,
    timeout: timeout.default(defaultTimeout),
  })
  .meta({ title: 'Migrations', ...notBoth });

const seedWords = 'must be a file of SQL, a list of them, or a map with command and inputs';
const seed = z
  .union(
    [
      inside,
      z.array(inside).min(1, { error: 'must not be empty' }),
      z
        .strictObject({
          command: commandWords,
          inputs,
          ...process,
          timeout: timeout.default(defaultTimeout),
        })
        .meta({ title: 'Seed by a command', ...notBoth }),
    ],
    { error: seedWords },
  )
  .describe(
    'First rows, after the migrations: a file of SQL (`COPY … FROM stdin` with rows included), several in their order, or a command with the files that it reads.',
  );

const dump = z
  .union([dumpPath, z.strictObject({ command: commandWords })], {
    error: 'must be a file, or a map with a command',
  })
  .describe(
    'A dump of a real database (pg_dump as text or in its custom, tar or directory format, compressed or not): a file or folder, or a command that prints one, run on this machine after asking.',
  );
const mask = inside.describe('File of SQL that runs on the dump before anybody can see its content.');

const shared = {
  engine: z.enum(engines).describe('`postgres`, or `sqlite` for a file of its own in every worktree.'),
  file: inside.optional().describe('With engine sqlite: path of the database file, below this folder.'),
  extensions: z.array(extension).describe('Extensions of PostgreSQL that it has, such as pgcrypto.'),
  server: z
    .enum(servers)
    .describe(
      '`platform`: the PostgreSQL in the cluster; `managed`: one of your own, named in the settings.',
    ),
};

export const database = z
  .strictObject({
    engine: shared.engine.default('postgres'),
    file: shared.file,
    migrate: migrate.optional().describe('The command that migrates a database to the newest version.'),
    seed: seed.optional(),
    from: z
      .strictObject({ dump, mask: mask.optional() })
      .meta({ title: 'A real database to start from' })
      .optional()
      .describe('A real database to start from, before the migrations.'),
    extensions: shared.extensions.default([]),
    server: shared.server.default('platform'),
  })
  .meta({ title: 'Database', description: 'A database for every worktree.' });

export type DatabaseSpec = z.infer<typeof database>;
export type DatabaseCommandSpec = Pick<
  NonNullable<DatabaseSpec['migrate']>,
  'command' | 'inputs' | 'runtime' | 'image' | 'env' | 'timeout'
>;
