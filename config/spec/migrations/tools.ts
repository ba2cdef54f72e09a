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

/** By-products of compilers and interpreters, in any folder of migrations. */
const byProducts = /(^|\/)__pycache__\/|\.py[co]$|\.d\.[cm]?ts$|\.[cm]?[jt]s\.map$/;
const script = /\.([cm]?[jt]s|coffee|sql)$/;
const down = /[.-]down\.\w+$/;

/**
 * Where the names are from. Seen, as the tool wrote a new migration: knex, node-pg-migrate (JavaScript and SQL), TypeORM,
 * sequelize-cli and drizzle-kit, in versions 3.3, 9.0, 1.1, 6.6 and 0.31. Their other files, such as compiled ones, and all
 * other tools were not run, and no comparison with their documentation is on record: take those for written from memory.
 */
export const migrationTools = {
  flyway: {
    title: 'Flyway',
    command: /\bflyway\b/,
    sign: /(^|\/)(V\d[\d._]*|R)__[^/]*$/,
    kinds: [
      ['undo', /(^|\/)U\d[\d._]*__[^/]*$/],
      // Callbacks run with every migration, so an edited one has to run as well.
      ['repeatable', /(^|\/)(R__[^/]*|(before|after)[A-Z]\w*(__[^/]*)?\.sql)$/],
      ['forward', /(^|\/)[VB]\d[\d._]*__[^/]*$/],
    ],
    otherwise: 'support',
    order: 'sequence',
  },
  liquibase: {
    title: 'Liquibase',
    command: /\bliquibase\b/,
    sign: /(^|\/)(db\.)?changelog[^/]*\.(xml|ya?ml|json)$/i,
    // One file holds many changesets and grows; Liquibase keeps a checksum of each and refuses an edited one itself.
    kinds: [['repeatable', /\.(xml|ya?ml|json|sql|csv)$/]],
    otherwise: 'support',
    order: 'any',
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
  },
  knex: {
    title: 'Knex',
    command: /\bknex\b/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)(knexfile\.\w+|seeds\/.*)$/],
      ['forward', script],
    ],
    otherwise: 'support',
    order: 'sequence',
  },
  typeorm: {
    title: 'TypeORM',
    command: /\btypeorm\b/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)([^/]*data-?source\.\w+|ormconfig\.\w+|(entity|entities|subscribers?|seeds)\/.*)$/i],
      ['forward', script],
    ],
    otherwise: 'support',
    order: 'sequence',
  },
  sequelize: {
    title: 'Sequelize',
    command: /\bsequelize(-cli)?\b|\bumzug\b/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)(\.sequelizerc|(config|models|seeders)\/.*)$/],
      ['forward', script],
    ],
    otherwise: 'support',
    order: 'sequence',
  },
  alembic: {
    title: 'Alembic',
    command: /\balembic\b|\bflask\b.*\bdb\s+upgrade\b/,
    sign: /(^|\/)versions\/[0-9a-f]{12}_[^/]*\.py$/,
    kinds: [
      ['generated', byProducts],
      ['forward', /(^|\/)versions\/(.*\/)?[^/]+\.py$|(^|\/)[0-9a-f]{12}_[^/]*\.py$/],
    ],
    otherwise: 'support',
    order: 'any',
  },
  django: {
    title: 'Django',
    command: /\b(manage\.py|django-admin)\b.*\bmigrate\b/,
    sign: /(^|\/)migrations\/\d{4}_[^/]*\.py$/,
    kinds: [
      ['generated', byProducts],
      ['support', /(^|\/)__init__\.py$/],
      ['forward', /(^|\/)migrations\/[^/]+\.py$|(^|\/)\d{4}_[^/]*\.py$/],
    ],
    otherwise: 'support',
    order: 'any',
  },
  rails: {
    title: 'Rails',
    command: /\b(rails|rake)\b.*\bdb:/,
    sign: /(^|\/)db\/migrate\/\d{14}_[^/]*\.rb$/,
    kinds: [
      ['generated', /(^|\/)(\w+_)?(schema\.rb|structure\.sql)$/],
      ['forward', /(^|\/)\d+_[^/]*\.rb$/],
    ],
    otherwise: 'support',
    order: 'sequence',
    loadsSchema: /\bdb:(schema|structure):load\b/,
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
  },
  'graphile-migrate': {
    title: 'Graphile Migrate',
    command: /\bgraphile-migrate\b/,
    sign: /(^|\/)committed\/\d{6}[^/]*\.sql$/,
    kinds: [
      ['repeatable', /(^|\/)(current\.sql|current\/.*|fixtures\/.*)$/],
      ['forward', /(^|\/)committed\/[^/]*\.sql$/],
    ],
    otherwise: 'support',
    order: 'sequence',
  },
  'golang-migrate': {
    title: 'golang-migrate',
    command: /\bgolang-migrate\b|(^|[\s;&|/])migrate\s+-{1,2}(path|source|database)\b/,
    kinds: [
      ['undo', down],
      ['forward', /\.up\.\w+$/],
    ],
    otherwise: 'support',
    order: 'sequence',
  },
} as const satisfies Record<string, MigrationTool>;

export type MigrationToolName = keyof typeof migrationTools;

export const migrationToolNames = Object.keys(migrationTools) as [MigrationToolName, ...MigrationToolName[]];

/** A command of one's own: every file is a migration, except for what several tools name alike. */
const unknownTool: MigrationTool = {
  title: 'a command of its own',
  command: /(?!)/,
  kinds: [
    ['generated', byProducts],
    ['generated', /(^|\/)(\w+_)?(schema\.(sql|rb)|structure\.sql)$/],
    ['repeatable', /(^|\/)R__[^/]*$/],
    ['undo', down],
  ],
  otherwise: 'forward',
  order: 'sequence',
};

export function migrationTool(name: MigrationToolName | undefined): MigrationTool {
  return name === undefined ? unknownTool : migrationTools[name];
}

/**
 * The tool behind a command. `texts`: the command itself, the scripts that it runs, and the files that it names.
 * `paths`: what its inputs match. A command decides before a folder: several tools name their files alike.
 */
export function recogniseTool(
  texts: readonly string[],
  paths: readonly string[],
): MigrationToolName | undefined {
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => !/^\s*(#|\/\/|\/?\*)/.test(line));
  const of = (matches: (tool: MigrationTool) => boolean) =>
    migrationToolNames.find((name) => matches(migrationTools[name]));
  return (
    of(({ command }) => lines.some((line) => command.test(line))) ??
    of(({ sign }) => sign !== undefined && paths.some((path) => sign.test(path)))
  );
}

/** What each path is to the tool. Where all are generated, they are what the command applies. */
export function migrationKinds(
  name: MigrationToolName | undefined,
  paths: readonly string[],
  command = '',
): Map<string, MigrationKind> {
  const tool = migrationTool(name);
  const kinds = new Map(paths.map((path) => [path, kindIn(tool, path, command)]));
  const applied = [...kinds.values()].some((kind) => kind === 'forward' || kind === 'repeatable');
  if (applied) return kinds;
  for (const [path, kind] of kinds)
    if (kind === 'generated' && !byProducts.test(path)) kinds.set(path, 'forward');
  return kinds;
}

/** What one path is to the tool, whatever else there is. */
export function migrationKind(name: MigrationToolName | undefined, path: string): MigrationKind {
  return kindIn(migrationTool(name), path, '');
}

function kindIn(tool: MigrationTool, path: string, command: string): MigrationKind {
  const kind = tool.kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? tool.otherwise;
  if (kind === 'forward' && tool.declarative?.test(command)) return 'repeatable';
  if (kind === 'generated' && !byProducts.test(path) && tool.loadsSchema?.test(command)) return 'forward';
  return kind;
}
