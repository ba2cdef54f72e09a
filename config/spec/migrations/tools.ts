import {
  byProducts,
  down,
  type MigrationKind,
  type MigrationTool,
  type MigrationToolName,
  migrationToolNames,
  migrationTools,
} from './tool-table.ts';

/**
 * A command of one's own: every file is a migration, except for what several tools name alike. A word counts only where
 * it is the whole name: `001_initial_schema.sql` is a migration.
 */
const unknownTool: MigrationTool = {
  title: 'a command of its own',
  command: /(?!)/,
  kinds: [
    ['generated', byProducts],
    ['generated', /(^|\/)(schema\.(sql|rb)|structure\.sql)$/],
    // Rails writes one for each further database.
    ['generated', /(^|\/)db\/(?!\d)\w+_(schema\.rb|structure\.sql)$/],
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
  if (name === undefined) for (const path of takingBack(kinds)) kinds.set(path, 'undo');
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

/** The halves of pairs: `7-price-down.js` beside `7-price-up.js`, `7/down.sql` beside `7/up.sql`. */
function takingBack(kinds: ReadonlyMap<string, MigrationKind>): string[] {
  return [...kinds.keys()].filter((path) => {
    const other = path.replace(/(^|[/_.-])down([/.][^/]*)$/, '$1up$2');
    return other !== path && kinds.has(other);
  });
}

function kindIn(tool: MigrationTool, path: string, command: string): MigrationKind {
  const kind = tool.kinds.find(([, pattern]) => pattern.test(path))?.[0] ?? tool.otherwise;
  if (kind === 'forward' && tool.declarative?.test(command)) return 'repeatable';
  if (kind === 'generated' && !byProducts.test(path) && tool.loadsSchema?.test(command)) return 'forward';
  return kind;
}
