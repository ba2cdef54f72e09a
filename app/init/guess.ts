import { basename } from 'node:path';
import { databaseOf, type GuessedDatabase, variablesNote } from './database.ts';
import { dependenciesOf, type Folder, readFolder, textIn } from './folder.ts';
import type { GuessedService } from './guessed-service.ts';
import { packageService, scriptNotes } from './javascript.ts';
import { imageFor, otherLanguage, otherProcess } from './languages.ts';
import { freeName, nameFor } from './names.ts';
import { type PackageManager, packageManagerOf } from './package-manager.ts';
import { commandOfLine, commandText, replacingShell } from './script.ts';
import { workspacesOf } from './workspaces.ts';

export interface Guess {
  readonly app: string;
  /** The name that was too long or had other characters, if it was shortened. */
  readonly appFrom?: string;
  readonly services: readonly GuessedService[];
  /** There is a package.json, so the repository is JavaScript. */
  readonly javascript: boolean;
  readonly database?: GuessedDatabase;
  /** Commands for `setup:`; guessed from the lock file. */
  readonly setup: readonly string[];
  readonly packageManager?: PackageManager;
  /** What was seen and not guessed, and what has to be done by hand. */
  readonly notes: readonly string[];
}

/**
 * Reads a folder's files; runs nothing. `repository` names the app when nothing else does, `path` is where programs of this
 * machine are.
 */
export async function guess(folder: string, repository: string, path: string | undefined): Promise<Guess> {
  const top = await readFolder(folder);
  const packages = await workspacesOf(top);
  const packageManager = top.manifest === undefined ? undefined : await packageManagerOf(top, path);
  const services = await servicesOf(top, packages);
  const database = await firstDatabase([top, ...packages]);
  const name = top.manifest?.name?.split('/').at(-1);
  const app = [name, basename(repository), basename(folder)].find(
    (text) => nameFor(text ?? '') !== undefined,
  );
  const shortened =
    app !== undefined &&
    nameFor(app) !==
      app
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
  return {
    app: nameFor(app ?? '') ?? 'app',
    ...(shortened ? { appFrom: app } : {}),
    services,
    javascript: top.manifest !== undefined,
    ...(database === undefined ? {} : { database }),
    setup:
      packageManager && (packages.length > 0 || dependenciesOf(top).size > 0) ? [packageManager.install] : [],
    ...(packageManager === undefined ? {} : { packageManager }),
    notes: [...notesFor(top, services, packageManager), ...(await variablesNote(top, database))],
  };
}

async function servicesOf(top: Folder, packages: readonly Folder[]): Promise<GuessedService[]> {
  const processes = await textIn(top, 'Procfile');
  const procfile = fromProcfile(top, processes, await imageFor(top, processes));
  if (procfile.length > 0) return procfile;
  const services: GuessedService[] = [];
  for (const folder of packages) {
    const service = await packageService(folder, new Set(services.map(({ name }) => name)), false);
    if (service !== undefined) services.push(service);
  }
  if (services.length > 0) return services;
  const found =
    top.manifest && packages.length === 0 ? await packageService(top, new Set(), true) : undefined;
  const other = found ?? (await otherLanguage(top));
  return other === undefined ? [] : [other];
}

async function firstDatabase(folders: readonly Folder[]): Promise<GuessedDatabase | undefined> {
  const found: GuessedDatabase[] = [];
  for (const folder of folders) found.push(...[await databaseOf(folder)].flatMap((one) => one ?? []));
  return found.find(({ migrate }) => migrate !== undefined) ?? found[0];
}

/** `web: node server.js`, one process a line; the platform sets PORT. */
function fromProcfile(top: Folder, text: string, from: GuessedService['from']): GuessedService[] {
  const taken = new Set<string>();
  return text.split('\n').flatMap((line) => {
    const [, process, command] = /^([A-Za-z0-9_-]+):\s*(\S.*)$/.exec(line.trim()) ?? [];
    // `release` runs once before a deployment: it is no service.
    if (process === undefined || command === undefined || process === 'release') return [];
    const name = freeName(process, taken);
    taken.add(name);
    const port = process === 'web' ? { port: 3000, portWhy: 'set here' } : {};
    return [{ name, from, ...port, why: `Procfile: ${process}`, ...processCommand(top, command, from) }];
  });
}

/** What the line of a process runs: the script behind `npm start`, in place of the shell. */
function processCommand(
  top: Folder,
  line: string,
  from: GuessedService['from'],
): Pick<GuessedService, 'command' | 'notes'> {
  const command = commandOfLine(top, line);
  if ('runtime' in from) return { command: commandText(command, '.', ''), notes: scriptNotes(command) };
  return otherProcess(top, replacingShell(command, line), from);
}

function notesFor(
  { names }: Folder,
  services: readonly GuessedService[],
  packageManager: PackageManager | undefined,
): string[] {
  const compose = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'].find((name) =>
    names.has(name),
  );
  return [
    ...(services.length > 0
      ? []
      : ['no service could be guessed: coppice.yaml has an example, write yours over it']),
    ...(compose === undefined
      ? []
      : [`${compose} was not read: write its services as \`image:\`, and its PostgreSQL as \`database:\``]),
    ...(packageManager?.missing === undefined
      ? []
      : [`setup: needs ${packageManager.name}, which is not on this machine: ${packageManager.missing}`]),
    ...(packageManager?.plugAndPlay
      ? [
          "Yarn's Plug'n'Play leaves no node_modules, which the commands here use: `yarn config set nodeLinker node-modules`, or write `node -r ./.pnp.cjs ...`",
        ]
      : []),
  ];
}
