import { dirname, posix } from 'node:path';
import { filesMatching } from '../../config/files/matching.ts';
import { placeOfMigration } from '../../config/spec/migrations/sequence.ts';
import {
  type MigrationToolName,
  migrationToolNames,
  migrationTools,
  type UsualSetup,
} from '../../config/spec/migrations/tool-table.ts';
import { migrationKind, migrationTool } from '../../config/spec/migrations/tools.ts';
import { dependenciesOf, type Folder, fromTop, textIn } from './folder.ts';
import { inRuby, languageImage, withPackages } from './languages.ts';
import { listedPackage } from './packages.ts';
import { type ScriptCommand, scriptCommand, textOf } from './script.ts';

export interface GuessedMigrations {
  readonly command: string;
  /** Patterns of its files, relative to the top. */
  readonly inputs: readonly string[];
  /** Absent where that of the services has the tool. */
  readonly image?: string;
}

/** A tool in a folder of the repository, and what was found of it. */
interface Found {
  readonly name: MigrationToolName;
  readonly usual: UsualSetup;
  /** Paths relative to the folder. */
  readonly config: readonly string[];
  readonly folder: string;
  /** Patterns relative to the folder. */
  readonly inputs: readonly string[];
}

/** Scripts that teams write for migrations of a program of their own. */
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
/** They may say how a tool is called that no manifest lists. */
const buildFiles = ['Makefile', 'justfile', 'Taskfile.yml', 'Taskfile.yaml', 'Procfile', 'bin/migrate'];
/** What migrates the database of a folder's app; undefined where nothing is recognised that has a migration. */
export async function migrationsOf(folder: Folder): Promise<GuessedMigrations | undefined> {
  const found = await toolIn(folder);
  if (found !== undefined) {
    const command = await commandFor(found, folder);
    if (command !== undefined)
      return {
        command,
        inputs: found.inputs.map((pattern) => fromTop(folder, pattern)),
        ...(await imageOf(found.usual, folder)),
      };
  }
  const name = scripts.find((one) => scriptCommand(folder, one) !== undefined);
  const script = name === undefined ? undefined : scriptCommand(folder, name);
  const inputs = await patternsIn(folder, scriptInputs);
  if (script === undefined || inputs.length === 0) return undefined;
  return {
    command: `${programsOn(folder)}${script.before}${textOf(script)}`,
    inputs: inputs.map((pattern) => fromTop(folder, pattern)),
  };
}

/** Of the language even if it is that of the services: the first of them may be of another one. */
async function imageOf(
  { language, image }: UsualSetup,
  folder: Folder,
): Promise<Pick<GuessedMigrations, 'image'>> {
  if (language === 'python' || language === 'ruby') return languageImage(folder, language);
  return image === undefined ? {} : { image };
}

async function toolIn(folder: Folder): Promise<Found | undefined> {
  const recipes = (await Promise.all(buildFiles.map((file) => textIn(folder, file)))).join('\n');
  for (const name of migrationToolNames)
    for (const usual of migrationTools[name].usual as readonly UsualSetup[]) {
      const config = await namesMatching(folder, usual.config);
      const listed =
        config.length > 0 ||
        migrationTools[name].command.test(recipes) ||
        (await listedPackage(folder, usual.language ?? 'other', usual.packages)) !== undefined;
      if (!listed && usual.text === undefined) continue;
      const at = await folderOf(name, usual, folder, config);
      if (at === undefined || !(listed || (await isWrittenFor(usual, folder, at)))) continue;
      const files = usual.files.map((file) => posix.join(at, file));
      const inputs = [...(await patternsIn(folder, [...usual.config, ...files]))];
      return { name, usual, config, folder: at, inputs };
    }
  return undefined;
}

/** The folder that the configuration names, or else the first usual one, that has something to apply. */
async function folderOf(
  name: MigrationToolName,
  usual: UsualSetup,
  folder: Folder,
  config: readonly string[],
): Promise<string | undefined> {
  const texts = await Promise.all([
    ...config.map(async (file) => pathsIn(await textIn(folder, file), dirname(file))),
    ...(usual.language === 'javascript' ? [pathsIn(scriptsText(folder), '.')] : []),
  ]);
  for (const path of texts.flat())
    for (const at of [path, `${path}/versions`, `${path}/migrations`]) {
      const files = await namesMatching(
        folder,
        usual.files.map((file) => posix.join(at, file)),
      );
      // Named beside folders of models, seeds and tests: only names of migrations count.
      if (files.some((file) => isApplied(name, file) && isNamedAsMigration(name, file))) return at;
    }
  for (const at of usual.folders) {
    const files = await namesMatching(
      folder,
      usual.files.map((file) => posix.join(at, file)),
    );
    if (files.some((file) => isApplied(name, file))) return at;
  }
  return undefined;
}

function isApplied(name: MigrationToolName, file: string): boolean {
  const kind = migrationKind(name, file);
  return kind === 'forward' || (kind === 'repeatable' && name === 'liquibase');
}

function isNamedAsMigration(name: MigrationToolName, file: string): boolean {
  return placeOfMigration(file) !== undefined || (migrationTool(name).sign?.test(file) ?? false);
}

async function isWrittenFor({ text, files }: UsualSetup, folder: Folder, at: string): Promise<boolean> {
  if (text === undefined) return false;
  const [first] = await namesMatching(
    folder,
    files.map((file) => posix.join(at, file)),
  );
  return first !== undefined && text.test(await textIn(folder, first));
}

/** Words of a file that may be folders: `'./db/changes'`, `script_location = %(here)s/alembic`, `src/migration/*.ts`. */
function pathsIn(text: string, from: string): string[] {
  const words = text.match(/[\w@%()./*-]+/g) ?? [];
  const paths = words.map((word) => word.replace(/^%\(here\)s\/?|^\/+/, '').replace(/\/?\*.*$/, ''));
  const likely = paths.filter((path) => /[A-Za-z]/.test(path) && !/\.\w{1,4}$/.test(path));
  // Of the configuration's own folder, or of the top: tools differ.
  return [...new Set(likely.flatMap((path) => [posix.join(from, path), posix.normalize(path)]))].filter(
    (path) => !path.startsWith('..') && path !== '.',
  );
}

function scriptsText({ manifest }: Folder): string {
  return Object.values(manifest?.scripts ?? {}).join('\n');
}

/** The team's own script if it only applies migrations with the tool: it has the options. */
async function commandFor(found: Found, folder: Folder): Promise<string | undefined> {
  const { usual } = found;
  const script = usual.language === 'javascript' ? scriptFor(found, folder) : undefined;
  if (script !== undefined) return `${programsOn(folder)}${textOf(script)}`;
  const [config] = found.config;
  if (usual.command.includes('{config}') && config === undefined) return undefined;
  const first = await namesMatching(folder, usual.config.slice(0, 1));
  const written =
    first.length > 0 || config === undefined ? usual.command : (usual.elsewhere ?? usual.command);
  const run = written.replace('{config}', config ?? '').replace('{folder}', found.folder);
  if (usual.language === 'javascript')
    return `${programsOn(folder)}${readingTypeScript(run, config, folder)}`;
  if (usual.language === 'python') return withPackages(folder, run);
  return `${enter(folder)}${usual.language === 'ruby' ? inRuby(run) : run}`;
}

function scriptFor({ name, usual }: Found, folder: Folder): ScriptCommand | undefined {
  const words = usual.command.split(' ').filter((word) => /^[a-z][\w:]*$/.test(word));
  return Object.keys(folder.manifest?.scripts ?? {})
    .map((one) => scriptCommand(folder, one))
    .find(
      (script) =>
        script?.simple === true &&
        script.before === '' &&
        migrationTools[name].command.test(script.run) &&
        words.every((word) => script.run.split(/\s+/).includes(word)),
    );
}

/** Node 20 reads no TypeScript, so configuration in it needs the app's own loader. */
function readingTypeScript(run: string, config: string | undefined, folder: Folder): string {
  if (!/\.[cm]?ts$/.test(config ?? '') || /^(drizzle-kit|prisma)/.test(run)) return run;
  const dependencies = dependenciesOf(folder);
  if (dependencies.has('ts-node')) return run.replace(/^typeorm /, 'typeorm-ts-node-commonjs ');
  return dependencies.has('tsx') ? `NODE_OPTIONS='--import tsx' ${run}` : run;
}

/** Enters a folder of JavaScript, whose packages' programs are found by name. */
function programsOn(folder: Folder): string {
  const own = folder.path === '.' ? '' : `/app/${folder.path}/node_modules/.bin:`;
  return `${enter(folder)}export PATH=${own}/app/node_modules/.bin:$PATH && `;
}

function enter({ path }: Folder): string {
  return path === '.' ? '' : `cd ${path} && `;
}

/** Patterns that match a file. */
async function patternsIn(folder: Folder, patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    patterns.map(async (pattern) => ((await namesMatching(folder, [pattern])).length > 0 ? [pattern] : [])),
  );
  return found.flat();
}

/** Paths relative to the folder. */
async function namesMatching(folder: Folder, patterns: readonly string[]): Promise<string[]> {
  const found = await filesMatching(
    folder.top,
    patterns.map((pattern) => fromTop(folder, pattern)),
  );
  return found.map((path) => posix.relative(folder.path, path));
}
