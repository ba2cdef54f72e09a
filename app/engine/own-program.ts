import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readIfPresent } from '../../core/files.ts';
import { isAboutEnvironments, programFile } from './program-modules.ts';

/** A team's Pulumi project with the app's name. */
export interface TeamProject {
  /** Absolute path of the folder with its Pulumi.yaml. */
  readonly folder: string;
  /**
   * Its program creates environments and adds something to them. Any other is about something else, such as the team's
   * cloud: it is never run.
   */
  readonly runs: boolean;
}

/** The names that Pulumi accepts for a project's file. */
const projectFiles = ['Pulumi.yaml', 'Pulumi.yml'];

/**
 * The team's Pulumi project of an app, if its program is not only what `wt init` writes: ours does the same, faster. A
 * program that adds something to the environment is run by the engine, as `pulumi` by hand does; with ours the engine
 * would delete what the team added. Nothing is executed to find out.
 */
export async function ownProgram(specFolder: string, app: string): Promise<TeamProject | undefined> {
  let other: TeamProject | undefined;
  for (const folder of foldersOf(specFolder)) {
    const project = projectOf(await projectText(folder));
    if (project?.name !== app) continue;
    const main = mainOf(project, folder);
    // The installed package's program does not belong to the team.
    if (isInstalled(main)) return undefined;
    const file = await programFile(main);
    if (file !== undefined && isPlain(await readFile(file, 'utf8'))) return undefined;
    const runs = isNode(project.runtime) && file !== undefined && (await isAboutEnvironments(file));
    if (runs) return { folder, runs };
    other ??= { folder, runs };
  }
  return other;
}

/** A project whose program creates environments, under another name than the app's. */
export interface MisnamedProject {
  /** Absolute path of the folder with its Pulumi.yaml. */
  readonly folder: string;
  readonly name: string;
}

/** What a team meant to be run, and what is not, as the names in its Pulumi.yaml and coppice.yaml differ. */
export async function misnamedProject(specFolder: string, app: string): Promise<MisnamedProject | undefined> {
  for (const folder of foldersOf(specFolder)) {
    const project = projectOf(await projectText(folder));
    if (typeof project?.name !== 'string' || project.name === app) continue;
    if (await createsEnvironments(project, folder)) return { folder, name: project.name };
  }
  return undefined;
}

async function createsEnvironments(project: Project, folder: string): Promise<boolean> {
  const main = mainOf(project, folder);
  if (isInstalled(main)) return true;
  const file = await programFile(main);
  return isNode(project.runtime) && file !== undefined && (await isAboutEnvironments(file));
}

function foldersOf(specFolder: string): readonly string[] {
  return [specFolder, join(specFolder, 'infra')];
}

function mainOf({ main }: Project, folder: string): string {
  return resolve(folder, typeof main === 'string' ? main : '.');
}

function isInstalled(main: string): boolean {
  return dirname(main).endsWith(join('coppice', 'dist', 'program'));
}

interface Project {
  readonly name?: unknown;
  readonly main?: unknown;
  readonly runtime?: unknown;
}

async function projectText(folder: string): Promise<string | undefined> {
  for (const file of projectFiles) {
    const text = await readIfPresent(join(folder, file)).catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A file that is not YAML is nobody's program: `pulumi` says so itself. */
function projectOf(text: string | undefined): Project | undefined {
  try {
    return text === undefined ? undefined : ((parse(text) as Project | null) ?? undefined);
  } catch {
    return undefined;
  }
}

function isNode(runtime: unknown): boolean {
  const name = typeof runtime === 'object' && runtime !== null && 'name' in runtime ? runtime.name : runtime;
  return name === 'nodejs';
}

/**
 * Whether a program only calls `environment()` and passes on its result.
 */
export function isPlain(program: string): boolean {
  const text = program
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  return plainPrograms.some((pattern) => pattern.test(text));
}

const names = String.raw`\{[\w ,]*\}`;
const values = String.raw`\{(?: ?\w+: env\.\w+,?)* ?\}`;
const plainPrograms = [
  new RegExp(
    `^const \\{ environment \\} = require\\('coppice'\\); const ${names} = environment\\(\\); module\\.exports = ${names};$`,
  ),
  new RegExp(
    `^const \\{ environment \\} = require\\('coppice'\\); const env = environment\\(\\); module\\.exports = ${values};$`,
  ),
  /^const \{ environment \} = require\('coppice'\); module\.exports = environment\(\)\.outputs;$/,
];
