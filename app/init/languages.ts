import { type Folder, textIn } from './folder.ts';
import type { GuessedService } from './guessed-service.ts';

const python = 'python:3.13';

/** Services of a repository in another language. What cannot be known is left out, and is a note. */
export async function otherLanguage(folder: Folder): Promise<GuessedService | undefined> {
  const { names } = folder;
  if (names.has('manage.py'))
    return service({ image: python }, 'exec python manage.py runserver 0.0.0.0:3000', 'manage.py: Django', [
      pip,
      hosts,
    ]);
  if (['pyproject.toml', 'requirements.txt', 'Pipfile'].some((name) => names.has(name)))
    return pythonService(folder);
  if (names.has('go.mod')) {
    // `go run .` is no program of its own: it starts one and waits, and SIGTERM ends only it.
    return names.has('main.go')
      ? service(await goImage(folder), 'go build -o /tmp/app . && exec /tmp/app', 'go.mod and main.go: Go')
      : undefined;
  }
  if (names.has('config.ru'))
    return service(
      { image: 'ruby:3.4' },
      'exec bundle exec rackup --host 0.0.0.0 --port 3000',
      'config.ru: Ruby',
      ['gems have to be in the image, or installed with `bundle config set path vendor/bundle`'],
    );
  return undefined;
}

const pip =
  'packages have to be in the image, or in a folder of the worktree: see https://docs.python.org/3/library/venv.html';
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
        { image: python },
        `exec python -m uvicorn ${module}:${app} --host 0.0.0.0 --port 3000 --reload`,
        `${file}: FastAPI`,
        [pip],
      );
    if (/=\s*Flask\(/.test(text))
      return service(
        { image: python },
        `exec python -m flask --app ${module} run --host 0.0.0.0 --port 3000 --debug`,
        `${file}: Flask`,
        [pip],
      );
  }
  return undefined;
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

/** The image for commands of a Procfile. */
export async function imageFor(folder: Folder): Promise<GuessedService['from']> {
  const { names, manifest } = folder;
  if (manifest !== undefined) return { runtime: 'node' };
  if (['manage.py', 'pyproject.toml', 'requirements.txt', 'Pipfile'].some((name) => names.has(name)))
    return { image: python };
  if (names.has('go.mod')) return goImage(folder);
  return names.has('Gemfile') ? { image: 'ruby:3.4' } : { runtime: 'node' };
}
