import { filesMatching } from '../../config/files/matching.ts';
import { dependenciesOf, type Folder, fromTop, textIn } from './folder.ts';
import { type GuessedMigrations, migrationsOf } from './migrations.ts';
import { type ListedLanguage, listedPackage } from './packages.ts';

export interface GuessedDatabase {
  /** Where it was seen. */
  readonly why: string;
  /** Absent where nothing that migrates was recognised. */
  readonly migrate?: GuessedMigrations;
  /** Names of environment variables, and the reference that each gets. */
  readonly env: Readonly<Record<string, string>>;
}

const drivers: Readonly<Record<ListedLanguage, readonly string[]>> = {
  javascript: [
    ...['pg', 'postgres', 'pg-promise', 'slonik', 'postgraphile'],
    ...['@neondatabase/serverless', '@vercel/postgres'],
  ],
  python: ['psycopg2-binary', 'psycopg2', 'psycopg', 'asyncpg', 'pg8000'],
  ruby: ['pg'],
  other: [
    ...['github.com/jackc/pgx/v5', 'github.com/jackc/pgx/v4', 'github.com/lib/pq', 'gorm.io/driver/postgres'],
    'org.postgresql',
  ],
};

/** The PostgreSQL that a folder's code uses, if it uses one. */
export async function databaseOf(folder: Folder): Promise<GuessedDatabase | undefined> {
  const why = (await driverIn(folder)) ?? (await prismaOn(folder, dependenciesOf(folder)));
  if (why === undefined) return undefined;
  const migrate = await migrationsOf(folder);
  return { why, ...(migrate === undefined ? {} : { migrate }), env: await variablesOf(folder) };
}

async function driverIn(folder: Folder): Promise<string | undefined> {
  for (const [language, names] of Object.entries(drivers) as [ListedLanguage, readonly string[]][]) {
    const found = await listedPackage(folder, language, names);
    if (found !== undefined) return `${found.file}: ${found.name}`;
  }
  return undefined;
}

async function prismaOn(folder: Folder, dependencies: ReadonlySet<string>): Promise<string | undefined> {
  if (!dependencies.has('@prisma/client') && !dependencies.has('prisma')) return undefined;
  const [schema = 'prisma/schema.prisma'] = await filesIn(folder, [
    'prisma/schema.prisma',
    'prisma/schema/*.prisma',
    'schema.prisma',
  ]);
  return /provider\s*=\s*"(postgresql|cockroachdb)"/.test(await textIn({ ...folder, path: '.' }, schema))
    ? `${fromTop(folder, 'package.json')}: prisma`
    : undefined;
}

function filesIn(folder: Folder, patterns: readonly string[]): Promise<string[]> {
  return filesMatching(
    folder.top,
    patterns.map((pattern) => fromTop(folder, pattern)),
  );
}

/** The variables of the code that are neither of its database nor set by us, as its example file lists them. */
export async function variablesNote(
  folder: Folder,
  database: GuessedDatabase | undefined,
): Promise<string[]> {
  for (const file of examples) {
    const text = await textIn(folder, file);
    const names = [...text.matchAll(/^\s*(?:export )?([A-Z][A-Z0-9_]*)\s*=/gm)].flatMap(
      ([, name]) => name ?? [],
    );
    const others = names.filter(
      (name) =>
        !Object.hasOwn(database?.env ?? {}, name) && !/^(PORT|HOST|NODE_ENV|.*_(PORT|HOST))$/.test(name),
    );
    if (others.length > 0)
      return [`${file} also has ${listed(others)}: write what the services need under \`env:\``];
  }
  return [];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

const examples = ['.env.example', '.env.sample', '.env.template', '.env.dist'];

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
        '*.{js,ts,mjs,cjs,py,go,rb}',
        '{src,config,db,lib,server,app}/*.{js,ts,mjs,cjs,py}',
        'src/{config,db,database,lib}/*.{js,ts,mjs,cjs}',
        'prisma/*.prisma',
        '*/settings.py',
        'config/database.yml',
        'alembic/env.py',
        '{cmd,internal,config,db}/**/*.go',
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
