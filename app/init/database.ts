import { filesMatching } from '../../config/files/matching.ts';
import { dependenciesOf, type Folder, fromTop, textIn } from './folder.ts';
import { scriptCommand } from './script.ts';

export interface GuessedDatabase {
  /** Where it was seen. */
  readonly why: string;
  /** Absent where nothing that migrates was recognised. */
  readonly migrate?: {
    readonly command: string;
    readonly inputs: readonly string[];
    /** For languages that the catalogue has no runtime for. */
    readonly image?: string;
  };
  /** Names of environment variables, and the reference that each gets. */
  readonly env: Readonly<Record<string, string>>;
}

const drivers = [
  'pg',
  'postgres',
  'pg-promise',
  'slonik',
  '@neondatabase/serverless',
  '@vercel/postgres',
  'postgraphile',
];
const python = /^\s*["']?(psycopg2?|psycopg2-binary|asyncpg|pg8000)\b/m;

/** A tool that migrates, seen by a package, and where its files usually lie. */
interface Tool {
  readonly dependency: string;
  readonly command: string;
  readonly inputs: readonly string[];
}

const tools: readonly Tool[] = [
  {
    dependency: 'prisma',
    command: 'prisma migrate deploy',
    inputs: ['prisma/schema.prisma', 'prisma/migrations/**/*.sql'],
  },
  {
    dependency: 'drizzle-kit',
    command: 'drizzle-kit migrate',
    inputs: ['drizzle.config.*', 'drizzle/**', 'src/db/migrations/**', 'migrations/**'],
  },
  {
    dependency: 'knex',
    command: 'knex migrate:latest',
    inputs: [
      'knexfile.*',
      'migrations/*',
      'src/migrations/*',
      'db/migrations/*',
      'src/db/migrations/*',
      'database/migrations/*',
    ],
  },
  {
    dependency: 'sequelize-cli',
    command: 'sequelize-cli db:migrate',
    inputs: ['.sequelizerc', 'migrations/*', 'src/migrations/*', 'db/migrations/*', 'src/db/migrations/*'],
  },
  {
    dependency: 'node-pg-migrate',
    command: 'node-pg-migrate up',
    inputs: ['migrations/*', 'db/migrations/*'],
  },
];

/** Scripts that teams write for migrations whose tool takes more than one word. */
const scripts = [
  'db:migrate:deploy',
  'migrate:deploy',
  'db:migrate',
  'migrate',
  'migrate:up',
  'migration:run',
  'migrations:run',
  'db:migration:run',
  'migrate:latest',
];
const scriptInputs = [
  'migrations/**',
  'db/migrations/**',
  'src/migrations/**',
  'src/migration/**',
  'src/db/migrations/**',
  'src/database/migrations/**',
  'prisma/**',
  'drizzle/**',
];

/** The PostgreSQL that a folder's code uses, if it uses one. */
export async function databaseOf(folder: Folder): Promise<GuessedDatabase | undefined> {
  const dependencies = dependenciesOf(folder);
  const driver = drivers.find((name) => dependencies.has(name)) ?? (await prismaOn(folder, dependencies));
  if (driver !== undefined)
    return {
      why: `${fromTop(folder, 'package.json')}: ${driver}`,
      ...(await migrateOf(folder, dependencies)),
      env: await variablesOf(folder),
    };
  const file = ['requirements.txt', 'pyproject.toml', 'Pipfile'].find((name) => folder.names.has(name));
  const text = file === undefined ? '' : await textIn(folder, file);
  if (!python.test(text)) return undefined;
  return { why: `${fromTop(folder, file ?? '')}: ${python.exec(text)?.[1]}`, env: await variablesOf(folder) };
}

async function prismaOn(folder: Folder, dependencies: ReadonlySet<string>): Promise<string | undefined> {
  if (!dependencies.has('@prisma/client') && !dependencies.has('prisma')) return undefined;
  const [schema = 'prisma/schema.prisma'] = await filesIn(folder, [
    'prisma/schema.prisma',
    'prisma/schema/*.prisma',
    'schema.prisma',
  ]);
  return /provider\s*=\s*"(postgresql|cockroachdb)"/.test(await textIn({ ...folder, path: '.' }, schema))
    ? 'prisma'
    : undefined;
}

async function migrateOf(
  folder: Folder,
  dependencies: ReadonlySet<string>,
): Promise<Pick<GuessedDatabase, 'migrate'>> {
  const tool = tools.find(({ dependency }) => dependencies.has(dependency));
  const enter = folder.path === '.' ? '' : `cd ${folder.path} && `;
  const up = folder.path === '.' ? '' : `/app/${folder.path}/node_modules/.bin:`;
  const path = `export PATH=${up}/app/node_modules/.bin:$PATH && `;
  if (tool !== undefined) {
    const inputs = await patternsIn(folder, tool.inputs);
    // A tool without a migration yet: the command would have nothing to do, and its inputs no file.
    if (inputs.some((pattern) => /migrations|drizzle\//.test(pattern)))
      return { migrate: { command: `${enter}${path}${tool.command}`, inputs } };
  }
  const name = scripts.find((one) => scriptCommand(folder, one) !== undefined);
  const script = name === undefined ? undefined : scriptCommand(folder, name);
  const inputs = await patternsIn(folder, scriptInputs);
  if (script === undefined || inputs.length === 0) return {};
  return { migrate: { command: `${enter}${path}${script.text}`, inputs } };
}

/** Those that match a file, relative to the top. */
async function patternsIn(folder: Folder, patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    patterns.map(async (pattern) =>
      (await filesIn(folder, [pattern])).length > 0 ? [fromTop(folder, pattern)] : [],
    ),
  );
  return found.flat();
}

function filesIn(folder: Folder, patterns: readonly string[]): Promise<string[]> {
  return filesMatching(
    folder.top,
    patterns.map((pattern) => fromTop(folder, pattern)),
  );
}

const parts: readonly (readonly [RegExp, string])[] = [
  [
    /^(DATABASE_URL|POSTGRES_URL|POSTGRES_PRISMA_URL|DB_URL|PG_URL|DATABASE_URI|DIRECT_URL|PG_CONNECTION_STRING)$/,
    'url',
  ],
  [/^(PG|DB_|POSTGRES_|DATABASE_)_?HOST$/, 'host'],
  [/^(PG|DB_|POSTGRES_|DATABASE_)_?PORT$/, 'port'],
  [/^(PG|DB_|POSTGRES_|DATABASE_)_?(USER|USERNAME)$/, 'user'],
  [/^(PG|DB_|POSTGRES_|DATABASE_)_?(PASSWORD|PASS)$/, 'password'],
  [/^(PGDATABASE|DB_NAME|DB_DATABASE|POSTGRES_DB|DATABASE_NAME|POSTGRES_DATABASE)$/, 'name'],
];

/** The variables under which the code expects its database, from example files and a few places of code. */
async function variablesOf(folder: Folder): Promise<Record<string, string>> {
  const top = { ...folder, path: '.' };
  const texts = await Promise.all([
    ...['.env.example', '.env.sample', '.env.template', '.env.development', '.env'].flatMap((file) => [
      textIn(folder, file),
      textIn(top, file),
    ]),
    ...(
      await filesIn(folder, [
        '*.{js,ts,mjs,cjs,py}',
        '{src,config,db,lib,server,app}/*.{js,ts,mjs,cjs,py}',
        'src/{config,db,database,lib}/*.{js,ts,mjs,cjs}',
        'prisma/*.prisma',
        '*/settings.py',
      ])
    ).map((file) => textIn(top, file)),
  ]);
  const words = new Set(texts.join('\n').match(/\b[A-Z][A-Z_]{2,}\b/g));
  const found = [...words].flatMap((word) => {
    const part = parts.find(([pattern]) => pattern.test(word))?.[1];
    return part === undefined ? [] : [[word, `\${database.${part}}`] as const];
  });
  return found.length === 0 ? { DATABASE_URL: '${database.url}' } : Object.fromEntries(found.sort());
}
