import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readIfPresent } from '../../core/files.ts';
import { nameNear } from '../../core/names.ts';

/** A service that a repository seems to have, and the source of the guess. */
export interface GuessedService {
  readonly name: string;
  /** `runtime: node`, or an image for all others. */
  readonly from: { readonly runtime: 'node' } | { readonly image: string };
  readonly command: string;
  /** Absent for a service that does not listen. */
  readonly port?: number;
  /** Source of the guess, for the comment in the file. */
  readonly why: string;
}

export interface Guess {
  readonly app: string;
  readonly services: readonly GuessedService[];
  /** There is a package.json, so the repository is JavaScript. */
  readonly javascript: boolean;
  /** Commands for `setup:`; guessed from the lock file. */
  readonly setup: readonly string[];
}

interface PackageJson {
  readonly name?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Reads a folder's files; runs nothing. `repository` names the app when nothing else does. */
export async function guess(folder: string, repository: string): Promise<Guess> {
  const files = new Set(await readdir(folder));
  const manifest = files.has('package.json') ? await readManifest(join(folder, 'package.json')) : undefined;
  const procfile = files.has('Procfile') ? await readFile(join(folder, 'Procfile'), 'utf8') : undefined;
  const services = fromProcfile(procfile, imageFor(files, manifest !== undefined));
  const guessed =
    services.length > 0 ? services : [...fromScripts(manifest), ...fromOtherLanguages(files)].slice(0, 1);
  const app = [manifest?.name?.split('/').at(-1), basename(repository), basename(folder), 'app']
    .flatMap((name) => (name === undefined ? [] : (nameNear(name) ?? [])))
    .at(0);
  return {
    app: app ?? 'app',
    services: guessed,
    javascript: manifest !== undefined,
    setup: setupFor(files, manifest),
  };
}

async function readManifest(file: string): Promise<PackageJson> {
  try {
    return JSON.parse((await readIfPresent(file)) ?? '{}') as PackageJson;
  } catch {
    return {};
  }
}

/** `web: node server.js`, one process a line; the platform sets PORT. */
function fromProcfile(text: string | undefined, from: GuessedService['from']): GuessedService[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const [, process, command] = /^([A-Za-z0-9_-]+):\s*(\S.*)$/.exec(line.trim()) ?? [];
    const name = process === undefined ? undefined : nameNear(process);
    // `release` runs once before a deployment: it is no service.
    if (name === undefined || command === undefined || name === 'release') return [];
    return [{ name, from, command, why: `Procfile: ${process}`, ...(name === 'web' ? { port: 3000 } : {}) }];
  });
}

/** Arguments that set the port and host of a framework's development server that does not read PORT and HOST. */
const frameworks: readonly {
  readonly dependency: string;
  readonly script: string;
  readonly extra: string;
}[] = [
  { dependency: 'next', script: 'dev', extra: '' },
  { dependency: 'nuxt', script: 'dev', extra: '' },
  { dependency: 'astro', script: 'dev', extra: ' -- --host 0.0.0.0 --port 3000' },
  { dependency: '@sveltejs/kit', script: 'dev', extra: ' -- --host 0.0.0.0 --port 3000' },
  { dependency: '@angular/cli', script: 'start', extra: ' -- --host 0.0.0.0 --port 3000' },
  { dependency: 'vite', script: 'dev', extra: ' -- --host 0.0.0.0 --port 3000' },
];

function fromScripts(manifest: PackageJson | undefined): GuessedService[] {
  if (!manifest) return [];
  const scripts = manifest.scripts ?? {};
  const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };
  const framework = frameworks.find(
    ({ dependency, script }) => dependency in dependencies && script in scripts,
  );
  const script = framework?.script ?? ['dev', 'start', 'serve'].find((name) => name in scripts);
  if (script === undefined) return [];
  const command = `npm run ${script}${framework?.extra ?? ''}`;
  const why = framework
    ? `package.json: ${framework.dependency}, script ${script}`
    : `package.json: script ${script}`;
  return [{ name: 'web', from: { runtime: 'node' }, command, port: 3000, why }];
}

const languages: readonly {
  readonly file: string;
  readonly image: string;
  readonly command: string;
  readonly why: string;
}[] = [
  {
    file: 'manage.py',
    image: 'python:3.13',
    command: 'python manage.py runserver 0.0.0.0:3000',
    why: 'Django',
  },
  { file: 'pyproject.toml', image: 'python:3.13', command: 'python -m http.server 3000', why: 'Python' },
  { file: 'requirements.txt', image: 'python:3.13', command: 'python -m http.server 3000', why: 'Python' },
  { file: 'go.mod', image: 'golang:1.25', command: 'go run .', why: 'Go' },
  {
    file: 'Gemfile',
    image: 'ruby:3.4',
    command: 'bundle exec rackup --host 0.0.0.0 --port 3000',
    why: 'Ruby',
  },
];

function fromOtherLanguages(files: ReadonlySet<string>): GuessedService[] {
  return languages
    .filter(({ file }) => files.has(file))
    .map(({ file, image, command, why }) => ({
      name: 'web',
      from: { image },
      command,
      port: 3000,
      why: `${file}: ${why}`,
    }));
}

function imageFor(files: ReadonlySet<string>, javascript: boolean): GuessedService['from'] {
  if (javascript) return { runtime: 'node' };
  const language = languages.find(({ file }) => files.has(file));
  return language ? { image: language.image } : { runtime: 'node' };
}

function setupFor(files: ReadonlySet<string>, manifest: PackageJson | undefined): string[] {
  const dependencies = { ...manifest?.dependencies, ...manifest?.devDependencies };
  if (!manifest || Object.keys(dependencies).length === 0) return [];
  if (files.has('pnpm-lock.yaml')) return ['pnpm install --frozen-lockfile'];
  if (files.has('yarn.lock')) return ['yarn install --immutable'];
  return [files.has('package-lock.json') ? 'npm ci' : 'npm install'];
}
