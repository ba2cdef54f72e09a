import { type Folder, textIn } from './folder.ts';
import type { GuessedService } from './guessed-service.ts';

/** The image of a language, in the version that a repository asks for. */
export async function languageImage(
  folder: Folder,
  language: 'python' | 'ruby',
): Promise<{ readonly image: string }> {
  const usual = { python: '3.13', ruby: '3.4' }[language];
  const [asked] = /\d+\.\d+/.exec(await textIn(folder, `.${language}-version`)) ?? [];
  const [, ofGemfile] =
    language === 'ruby' ? (/^ruby ["'](\d+\.\d+)/m.exec(await textIn(folder, 'Gemfile')) ?? []) : [];
  return { image: `${language}:${asked ?? ofGemfile ?? usual}` };
}

/**
 * A command of Python that finds the packages that the lock file or requirements.txt lists: they are installed into the
 * pod, as those of this machine are of another Python.
 */
export function withPackages(folder: Folder, command: string): string {
  const install = installFor(folder);
  const enter = folder.path === '.' ? '' : `cd ${folder.path} && `;
  return install === undefined
    ? `${enter}${command}`
    : `${enter}python -m venv /tmp/venv && . /tmp/venv/bin/activate && ${install} && ${command}`;
}

function installFor({ names }: Folder): string | undefined {
  if (names.has('uv.lock'))
    return 'pip install -q uv && UV_PROJECT_ENVIRONMENT=/tmp/venv uv sync -q --frozen --no-install-project';
  if (names.has('poetry.lock')) return 'pip install -q poetry && poetry install -q --no-root';
  if (names.has('Pipfile.lock')) return 'pip install -q pipenv && pipenv sync -q';
  return names.has('requirements.txt') ? 'pip install -q -r requirements.txt' : undefined;
}

/** A command of Ruby in a pod that installs what the Gemfile lists first. */
export function inRuby(command: string): string {
  return `export BUNDLE_PATH=/tmp/bundle && bundle install --quiet && ${command}`;
}

/** Services of a repository in another language. What cannot be known is left out, and is a note. */
export async function otherLanguage(folder: Folder): Promise<GuessedService | undefined> {
  const { names } = folder;
  if (names.has('manage.py'))
    return service(
      await languageImage(folder, 'python'),
      withPackages(folder, 'exec python manage.py runserver 0.0.0.0:3000'),
      'manage.py: Django',
      [packagesNote(folder), hosts],
    );
  if (['pyproject.toml', 'requirements.txt', 'Pipfile'].some((name) => names.has(name)))
    return pythonService(folder);
  if (names.has('go.mod')) {
    // `go run .` is no program of its own: it starts one and waits, and SIGTERM ends only it.
    return names.has('main.go')
      ? service(await goImage(folder), 'go build -o /tmp/app . && exec /tmp/app', 'go.mod and main.go: Go')
      : undefined;
  }
  if (names.has('config.ru')) {
    const rails = names.has('bin') && (await textIn(folder, 'bin/rails')) !== '';
    return service(
      await languageImage(folder, 'ruby'),
      inRuby(
        rails
          ? 'exec bundle exec rails server --binding 0.0.0.0 --port 3000 --pid /tmp/server.pid'
          : 'exec bundle exec rackup --host 0.0.0.0 --port 3000',
      ),
      rails ? 'bin/rails: Rails' : 'config.ru: Ruby',
      [eachStart],
    );
  }
  return undefined;
}

function packagesNote(folder: Folder): string {
  return installFor(folder) === undefined
    ? 'packages have to be in the image, or in a folder of the worktree: see https://docs.python.org/3/library/venv.html'
    : eachStart;
}

const eachStart =
  'the packages are installed at each start of the pod; an image of your own that has them starts faster';
const hosts = "Django answers 400 to other hosts unless ALLOWED_HOSTS has '.localhost'";

async function pythonService(folder: Folder): Promise<GuessedService | undefined> {
  const texts = await Promise.all(
    ['requirements.txt', 'pyproject.toml', 'Pipfile'].map((file) => textIn(folder, file)),
  );
  const listed = texts.join('\n');
  for (const file of ['main.py', 'app.py', 'server.py', 'app/main.py', 'src/main.py', 'wsgi.py']) {
    const text = await textIn(folder, file);
    if (text === '') continue;
    const module = file.replace(/\.py$/, '').replaceAll('/', '.');
    const app = /^(\w+)(?::\s*\w+)?\s*=\s*(?:FastAPI|Starlette)\(/m.exec(text)?.[1];
    if (app !== undefined && /fastapi|starlette|uvicorn/i.test(listed))
      return service(
        await languageImage(folder, 'python'),
        withPackages(folder, `exec python -m uvicorn ${module}:${app} --host 0.0.0.0 --port 3000 --reload`),
        `${file}: FastAPI`,
        [packagesNote(folder)],
      );
    if (/=\s*Flask\(/.test(text))
      return service(
        await languageImage(folder, 'python'),
        withPackages(folder, `exec python -m flask --app ${module} run --host 0.0.0.0 --port 3000 --debug`),
        `${file}: Flask`,
        [packagesNote(folder)],
      );
  }
  return undefined;
}

/** A line of a Procfile in an image of its language. */
export function otherProcess(
  folder: Folder,
  line: string,
  { image }: { readonly image: string },
): Pick<GuessedService, 'command' | 'notes'> {
  if (image.startsWith('ruby:')) return { command: inRuby(line), notes: [eachStart] };
  const command = image.startsWith('python:') ? withPackages(folder, line) : line;
  return { command, notes: command === line ? [] : [eachStart] };
}

function service(
  from: GuessedService['from'],
  command: string,
  why: string,
  notes: readonly string[] = [],
): GuessedService {
  return { name: 'web', from, command, port: 3000, portWhy: 'set here', why, notes };
}

/** Of the version that go.mod asks for: an older one would fetch it at each start. */
async function goImage(folder: Folder): Promise<GuessedService['from']> {
  const [, version = '1'] = /^go (\d+\.\d+)/m.exec(await textIn(folder, 'go.mod')) ?? [];
  return { image: `golang:${version}` };
}

/** Programs that only an image of their language has. */
const programsOf = {
  python: /(^|[\s/])(python3?|gunicorn|uvicorn|hypercorn|daphne|flask|celery)(\s|$)/m,
  ruby: /(^|[\s/])(ruby|bundle|rails|rackup|puma|rake|sidekiq)(\s|$)/m,
};

/** The image for commands of a Procfile: by what the repository is, else by the programs that they start. */
export async function imageFor(folder: Folder, commands: string): Promise<GuessedService['from']> {
  const { names, manifest } = folder;
  if (manifest !== undefined) return { runtime: 'node' };
  if (['manage.py', 'pyproject.toml', 'requirements.txt', 'Pipfile'].some((name) => names.has(name)))
    return languageImage(folder, 'python');
  if (names.has('go.mod')) return goImage(folder);
  if (names.has('Gemfile') || programsOf.ruby.test(commands)) return languageImage(folder, 'ruby');
  return programsOf.python.test(commands) ? languageImage(folder, 'python') : { runtime: 'node' };
}
