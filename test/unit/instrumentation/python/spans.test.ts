import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { instrumentationOf } from '../../../../config/plan/instrumentation.ts';
import { patience } from '../node/app.ts';
import { type Health, type TestCollector, testCollector } from '../node/collector.ts';
import { type PythonApp, type StartedPython, startPython } from './app.ts';
import { apps, type Installed, installed, whyNotHere } from './installed.ts';

const folder = mkdtempSync(join(tmpdir(), 'coppice-python-'));
const trace = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';
const headers = { traceparent: `00-${trace}-${caller}-01` };
const open: { apps: PythonApp[]; collectors: TestCollector[] } = { apps: [], collectors: [] };
const why = whyNotHere();
let here: Installed;

beforeAll(() => {
  if (why === undefined) here = installed();
}, 300_000);

afterEach(async () => {
  await Promise.all(open.apps.map((app) => app.kill()));
  await Promise.all(open.collectors.map((collector) => collector.close()));
  open.apps = [];
  open.collectors = [];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function collector(health?: Health): Promise<TestCollector> {
  const one = await testCollector(health);
  open.collectors.push(one);
  return one;
}

/** `command`: the first word is a program of the environment. */
async function start(
  app: Omit<StartedPython, 'built' | 'cwd'> & { readonly built?: string; readonly cwd?: string },
): Promise<PythonApp> {
  const [program = '', ...words] = app.command;
  const one = await startPython({
    ...{ built: here.built, cwd: apps },
    ...app,
    command: [join(here.bin, program), ...words],
  });
  open.apps.push(one);
  return one;
}

function written(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Runs a program to its end. */
async function ran(name: string, text: string, app: Omit<Parameters<typeof start>[0], 'command'> = {}) {
  const { endpoint } = await collector();
  const process = await start({ endpoint, ...app, command: ['python', written(name, text)] });
  return { code: await process.ended(), out: process.out(), err: process.err() };
}

const lengthOf =
  "print(len([name for name in __import__('sys').modules if name.startswith('opentelemetry')]))\n";

describe.skipIf(why !== undefined)(
  `python${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 300_000 },
  () => {
    test('sends spans with the route, continues a trace, passes it on, and gives its id to log records', async () => {
      const { endpoint, spans } = await collector();
      const app = await start({ command: ['python', 'app.py'], endpoint });
      await app.get('/inner', { 'user-agent': 'kube-probe/1.34' });
      const text = await app.get('/items/7', headers);
      const named = (name: string) => spans.find((span) => span.name === name);
      await vi.waitFor(() => expect(named('GET /items/<int:number>')).toBeDefined(), patience);
      const [outer, out, inner] = ['GET /items/<int:number>', 'GET', 'GET /inner'].map(named);
      expect(new Set(spans.map((span) => span.trace))).toEqual(new Set([trace]));
      expect([outer?.parent, out?.parent, inner?.parent]).toEqual([caller, outer?.id, out?.id]);
      expect(outer?.attributes).toMatchObject({
        'http.request.method': 'GET',
        'http.route': '/items/<int:number>',
        'url.path': '/items/7',
      });
      expect(text).toBe(`00-${trace}-${out?.id}-01`);
      expect(app.err()).toContain(
        JSON.stringify({ message: 'item asked', trace_id: trace }).replaceAll(/([:,])"/g, '$1 "'),
      );
    });

    test.each<[string, readonly string[], string]>([
      ['fastapi', ['uvicorn', 'api:app', '--port', '{port}'], 'GET /items/{number}'],
      ['starlette', ['uvicorn', 'plain:app', '--port', '{port}'], 'GET /items/{number}'],
      ['django', ['python', 'manage.py', 'runserver', '--noreload', '{port}'], 'GET items/<int:number>'],
      [
        'workers of gunicorn',
        ['gunicorn', '-w', '2', '-b', '127.0.0.1:{port}', 'app:app'],
        'GET /items/<int:number>',
      ],
      [
        'an app loaded before gunicorn forks',
        ['gunicorn', '--preload', '-b', '127.0.0.1:{port}', 'app:app'],
        'GET /inner',
      ],
    ])('%s: one span a request, sent before it ends by SIGTERM', async (_, command, name) => {
      const { endpoint, spans } = await collector();
      const env = { OTEL_BSP_SCHEDULE_DELAY: '3600000' };
      const app = await start({ command, endpoint, env });
      await app.get(name === 'GET /inner' ? '/inner' : '/items/7', headers);
      app.child.kill('SIGTERM');
      expect([0, 'SIGTERM']).toContain(await app.ended());
      const outer = () => spans.filter(({ parent }) => parent === caller);
      await vi.waitFor(() => expect(outer().map((span) => span.name)).toEqual([name]), patience);
      expect(app.err()).not.toContain('coppice:');
    });

    test.each<[string, readonly string[]]>([
      [
        'flask run --debug',
        ['python', '-m', 'flask', '--app', 'saved', 'run', '--debug', '--port', '{port}'],
      ],
      ['uvicorn --reload', ['uvicorn', 'saved:app', '--reload', '--port', '{port}']],
    ])('%s runs a saved file', async (what, command) => {
      const { endpoint, spans } = await collector();
      const cwd = join(folder, what);
      const flask =
        "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef root(): return 'ok'\n";
      const fastapi =
        "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef root(): return 'ok'\n";
      const text = what.startsWith('flask') ? flask : fastapi;
      written(`${what}/saved.py`, text);
      const app = await start({ command, endpoint, cwd });
      expect(await app.get('/')).toContain('ok');
      written(`${what}/saved.py`, `${text.replace("'ok'", "'saved'")}\n# saved\n`);
      await vi.waitFor(async () => expect(await app.get('/', headers)).toContain('saved'), patience);
      await vi.waitFor(() => expect(spans.some(({ parent }) => parent === caller)).toBe(true), patience);
      expect(app.err()).not.toContain('coppice:');
    });

    test.each<[string, () => Promise<string>]>([
      ['whose port is closed', async () => (await gone()).endpoint],
      ['that never answers', async () => (await collector('silent')).endpoint],
      ['that refuses everything', async () => (await collector('refusing')).endpoint],
      ['without an address', async () => 'http://collector.invalid:4318'],
    ])('a Collector %s is no matter to the app, which answers and ends', async (_, endpointOf) => {
      const app = await start({ command: ['python', 'app.py'], endpoint: await endpointOf() });
      for (let count = 0; count < 5; count++) await app.get(`/items/${count}`);
      app.child.kill('SIGTERM');
      expect(await app.ended()).toBe('SIGTERM');
      expect(app.err()).not.toMatch(/coppice:|opentelemetry|Traceback/);
    });

    async function gone(): Promise<TestCollector> {
      const one = await testCollector();
      await one.close();
      return one;
    }

    test('what a program had to send is sent when it ends by itself, and when it fails', async () => {
      const { endpoint, spans } = await collector();
      const env = { OTEL_BSP_SCHEDULE_DELAY: '3600000' };
      const text = "import requests\ntry: requests.get('http://127.0.0.1:9/')\nexcept OSError: pass\n";
      expect((await ran('ends.py', text, { endpoint, env })).code).toBe(0);
      expect(spans).toHaveLength(1);
      expect((await ran('fails.py', `${text}raise SystemExit(3)`, { endpoint, env })).code).toBe(3);
      expect(spans).toHaveLength(2);
    });

    test('a program that handles SIGTERM itself ends as it wants', async () => {
      const text = `
import os, signal, requests
signal.signal(signal.SIGTERM, lambda *_: os._exit(4))
os.kill(os.getpid(), signal.SIGTERM)
`;
      expect(await ran('own-signal.py', text)).toMatchObject({ code: 4, err: '' });
    });

    test('a process that imports nothing traced, is disabled or is a tool loads nothing', async () => {
      const text = `import sys, json, urllib.request\n${lengthOf}print([path for path in sys.path if 'built' in path])`;
      expect((await ran('nothing.py', text)).out).toBe('0\n[]\n');
      const traced = `import flask\n${lengthOf}`;
      expect((await ran('traced.py', traced)).out).not.toBe('0\n');
      const env = { OTEL_SDK_DISABLED: 'true' };
      expect((await ran('disabled.py', traced, { env })).out).toBe('0\n');
      expect((await ran('poetry.py', traced)).out).toBe('0\n');
      expect((await ran('nowhere.py', traced, { endpoint: undefined })).out).toBe('0\n');
    });

    test("the app's own sitecustomize and PYTHONPATH are there as without it", async () => {
      written('site/sitecustomize.py', "import requests\nprint('own runs')");
      written('site/beside.py', "print('beside')");
      const env = { PYTHONPATH: join(folder, 'site') };
      const text = 'import sitecustomize, beside\nprint(sitecustomize.__file__)';
      const { out, err } = await ran('customized.py', text, { env });
      expect(out).toBe(`own runs\nbeside\n${join(folder, 'site', 'sitecustomize.py')}\n`);
      expect(err).toBe('');
    });

    test('an app with an SDK of its own, or a newer API, is left to it with one line', async () => {
      const run = `import subprocess, sys, flask\nfrom opentelemetry import mine\nprint(mine.__file__)\nif len(sys.argv) < 2: subprocess.run([sys.executable, __file__, 'again'])`;
      for (const [name, file, line] of [
        ['sdk', 'opentelemetry/sdk/__init__.py', 'brings an OpenTelemetry SDK of its own'],
        ['newer', 'opentelemetry_api-1.999.0.dist-info/METADATA', 'brings OpenTelemetry 1.999'],
      ] as const) {
        written(
          `${name}/${file}`,
          'Name: opentelemetry-api\nVersion: 1.999.0\n'.replaceAll(/^/gm, file.endsWith('.py') ? '# ' : ''),
        );
        const mine = written(`${name}/opentelemetry/mine.py`, '');
        const { code, out, err } = await ran(`${name}.py`, run, { env: { PYTHONPATH: join(folder, name) } });
        expect({ code, out }).toEqual({ code: 0, out: `${mine}\n${mine}\n` });
        expect(err.match(/coppice: /g)).toHaveLength(1);
        expect(err).toContain(line);
      }
    });

    test('a Python that is too old says so once, with all that it starts, and runs', async () => {
      written(
        'old/sitecustomize.py',
        'import sys\nsys.version_info = (3, 9, 0)\n' +
          readFileSync(join(here.built, 'sitecustomize.py'), 'utf8'),
      );
      cpSync(join(here.built, 'coppice_instrument'), join(folder, 'old', 'coppice_instrument'), {
        recursive: true,
      });
      const text = `import subprocess, sys, flask\nprint('runs')\nif len(sys.argv) < 2: subprocess.run([sys.executable, __file__, 'again'])`;
      const { out, err } = await ran('aged.py', text, { built: join(folder, 'old') });
      expect(out).toBe('runs\nruns\n');
      expect(err).toBe('coppice: this Python is 3.9: without 3.10 or newer nothing here is traced\n');
    });

    test('what is missing or broken here is told, and the app runs', async () => {
      for (const [name, lost] of [
        ['without-packages', 'packages.zip'],
        ['without-code', 'coppice_instrument'],
      ] as const) {
        const built = join(folder, name);
        cpSync(here.built, built, { recursive: true });
        rmSync(join(built, lost), { recursive: true });
        const { code, out, err } = await ran(`${name}.py`, "import flask\nprint('runs')", { built });
        expect({ code, out }).toEqual({ code: 0, out: 'runs\n' });
        expect(err).toMatch(/^coppice: nothing here is traced: .*\n$/);
      }
    });

    test('a forked process sends its own spans', async () => {
      const { endpoint, spans } = await collector();
      const text = `
import os, requests
if os.fork() == 0:
    try: requests.get('http://127.0.0.1:9/')
    except OSError: pass
    raise SystemExit(0)
os.wait()
`;
      expect((await ran('forks.py', text, { endpoint })).code).toBe(0);
      expect(spans).toHaveLength(1);
    });

    test('spans are written as OpenTelemetry writes them', () => {
      const folders = [here.encoder, join(here.built, 'packages.zip'), here.built];
      const words = [join(apps, 'encoded.py'), ...folders];
      expect(execFileSync(join(here.bin, 'python'), ['-S', ...words], { encoding: 'utf8' })).toBe('same\n');
    });

    test('every file of it is in the volume', () => {
      const all = readdirSync(here.built, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const paths = all.map(({ parentPath, name }) => join(parentPath, name).slice(here.built.length + 1));
      expect(instrumentationOf.python.files.map(({ path }) => path).sort()).toEqual(paths.sort());
    });
  },
);

describe.skipIf(why !== undefined)('a command line', () => {
  const commands: readonly [string, string | null, boolean][] = [
    ['python app.py', 'app', false],
    ['python -m flask run', 'flask', false],
    ['python -u -X dev -W error -m http.server 80', 'http', false],
    ['python -mpip install x', 'pip', true],
    ['python /app/.venv/bin/pip3.12 install x', 'pip', true],
    ['python /root/.local/bin/poetry run python app.py', 'poetry', true],
    ['python -m pytest -x', 'pytest', true],
    ['python /usr/bin/pre-commit run', 'pre_commit', true],
    ['python /app/.venv/bin/gunicorn -w 2 app:app', 'gunicorn', false],
    ['python /app/pip/app.py', 'app', false],
    ['python /app/shop/__main__.py', 'shop', false],
    ['python -c pass', null, false],
    ['python -', null, false],
    ['python', null, false],
  ];
  const watchers: readonly [string, Record<string, string>, boolean][] = [
    ['python -m flask run --debug', {}, true],
    ['python /venv/bin/flask --app x --debug run', {}, true],
    ['python /venv/bin/flask run', { FLASK_DEBUG: '1' }, true],
    ['python /venv/bin/flask run', {}, false],
    ['python /venv/bin/flask run --debug --no-reload', {}, false],
    ['python /venv/bin/flask run --debug', { WERKZEUG_RUN_MAIN: 'true' }, false],
    ['python manage.py runserver 0:80', {}, true],
    ['python manage.py runserver', { RUN_MAIN: 'true' }, false],
    ['python manage.py runserver --noreload', {}, false],
    ['python manage.py migrate', {}, false],
  ];
  const versions: readonly [string, string, boolean][] = [
    ['flask >= 1.0', '3.1.3', true],
    ['flask >= 1.0', '0.12', false],
    ['sqlalchemy >= 1.0.0, < 2.1.0', '2.0.43', true],
    ['sqlalchemy >= 1.0.0, < 2.1.0', '2.1.0b1', false],
    ['requests ~= 2.0', '2.34.2', true],
    ['requests ~= 2.0', '3.0', false],
    ['fastapi ~= 0.92', '0.91', false],
    ['PyMySQL < 2', '1.1.1', true],
  ];

  test('is judged as Python reads it, and what is installed as pip does', () => {
    const input = JSON.stringify({
      programs: commands.map(([command]) => command.split(' ')),
      watchers: watchers.map(([command, env]) => [command.split(' '), env]),
      versions: versions.map(([requirement, version]) => [requirement, version]),
    });
    const words = [join(apps, 'programs.py'), here.built];
    const printed = execFileSync(join(here.bin, 'python'), words, { input, encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual({
      programs: commands.map(([, name]) => name),
      tools: commands.map(([, , isTool]) => isTool),
      watchers: watchers.map(([, , isWatcher]) => isWatcher),
      fit: versions.map(([, , fits]) => fits),
    });
  });
});
