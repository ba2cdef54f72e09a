import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { packageRoot } from '../../../../core/package-root.ts';
import { type App, apps, patience, type Started, startApp } from './app.ts';
import { type Health, type TestCollector, testCollector } from './collector.ts';

const folder = mkdtempSync(join(tmpdir(), 'coppice-instrumentation-'));
// As in an image whose own folder is `/`.
const built = join(folder, 'image', 'opt', 'built');
const preload = join(built, 'preload.cjs');
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const open: { apps: App[]; collectors: TestCollector[] } = { apps: [], collectors: [] };

beforeAll(() => {
  // As `npm run build` does, so that no test sees an older one.
  const script = `
    import { installDependencies, nodeInstrumentation } from './scripts/prepare.mjs';
    installDependencies(nodeInstrumentation);
    const { buildNodeInstrumentation } = await import('./instrumentation/node/build.mjs');
    await buildNodeInstrumentation(${JSON.stringify(built)});
  `;
  written('image/package.json', '{ "type": "module" }');
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: packageRoot() });
}, 120_000);

afterEach(async () => {
  for (const { child } of open.apps) child.kill('SIGKILL');
  await Promise.all(open.apps.map((app) => app.ended()));
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

function start(app: Omit<Started, 'preload'> & { readonly preload?: string }): App {
  const one = startApp({ preload, ...app });
  open.apps.push(one);
  return one;
}

/** Writes an app of its own. */
function written(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const server = (text = '') => `
const http = require('node:http');
${text}
const server = http.createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
`;

describe.each(['app.cjs', 'app.mjs'])('%s', (file) => {
  test('sends spans with the route, continues a trace, passes it on, and writes its id into log lines', async () => {
    const { endpoint, spans } = await collector();
    const app = start({ command: ['node', join(apps, file)], endpoint });
    const { text } = await app.get('/items/7', { traceparent });
    await vi.waitFor(() => expect(spans.map(({ name }) => name)).toContain('GET /inner'), patience);
    await vi.waitFor(() => expect(spans.map(({ name }) => name)).toContain('GET /items/:id'), patience);
    const [, trace, caller] = traceparent.split('-');
    expect(new Set(spans.map((span) => span.trace))).toEqual(new Set([trace]));
    const outer = spans.find(({ name }) => name === 'GET /items/:id');
    expect(outer?.parent).toBe(caller);
    expect(outer?.attributes).toMatchObject({
      'http.route': '/items/:id',
      'http.response.status_code': '200',
    });
    expect(text).toContain(`00-${trace}-`);
    expect(
      JSON.parse(
        app
          .out()
          .split('\n')
          .find((line) => line.includes('item asked')) ?? '',
      ),
    ).toMatchObject({
      trace_id: trace,
    });
  });

  test('ends by SIGTERM, with what it still had sent', async () => {
    const { endpoint, spans } = await collector();
    const env = { OTEL_BSP_SCHEDULE_DELAY: '3600000' };
    const app = start({ command: ['node', join(apps, file)], endpoint, env });
    await app.get('/inner');
    app.child.kill('SIGTERM');
    expect(await app.ended()).toBe('SIGTERM');
    expect(spans.map(({ name }) => name)).toContain('GET /inner');
  });
});

describe('a Collector', () => {
  test.each<[string, () => Promise<string>]>([
    ['whose port is closed', async () => (await gone()).endpoint],
    ['that never answers', async () => (await collector('silent')).endpoint],
    ['that refuses everything', async () => (await collector('refusing')).endpoint],
    ['without an address', async () => 'http://collector.invalid:4318'],
  ])('%s is no matter to the app, which answers and ends', async (_what, endpointOf) => {
    const app = start({ command: ['node', join(apps, 'app.cjs')], endpoint: await endpointOf() });
    for (let count = 0; count < 20; count++) expect((await app.get(`/items/${count}`)).status).toBe(200);
    app.child.kill('SIGTERM');
    expect(await app.ended()).toBe('SIGTERM');
    expect(app.err()).toBe('');
  });

  async function gone(): Promise<TestCollector> {
    const one = await testCollector();
    await one.close();
    return one;
  }
});

describe('a process', () => {
  test('that handles SIGTERM itself ends as it wants', async () => {
    const { endpoint } = await collector();
    const own = "process.on('SIGTERM', () => server.close(() => process.exit(3)));";
    const app = start({ command: ['node', written('own.cjs', server(own))], endpoint });
    await app.get('/');
    app.child.kill('SIGTERM');
    expect(await app.ended()).toBe(3);
  });

  test('that is not to be traced loads nothing', async () => {
    const loaded =
      "console.log(Object.keys(require.cache).filter((file) => file.endsWith('sdk.cjs')).length);";
    const command = ['node', written('loaded.cjs', loaded)];
    const { endpoint } = await collector();
    const disabled = start({ command, endpoint, env: { OTEL_SDK_DISABLED: 'true' } });
    const nowhere = start({ command });
    const traced = start({ command, endpoint });
    await Promise.all([disabled.ended(), nowhere.ended(), traced.ended()]);
    expect([disabled.out(), nowhere.out(), traced.out()]).toEqual(['0\n', '0\n', '1\n']);
  });

  test('of a node that is too old says so once, with all that it starts, and runs', async () => {
    const old = written('old.cjs', "Object.defineProperty(process.versions, 'node', { value: '16.20.2' });");
    const inner = written('inner.cjs', "console.log('inner runs');");
    const outer = `require('node:child_process').execFileSync('node', [${JSON.stringify(inner)}], { stdio: 'inherit' });`;
    const { endpoint } = await collector();
    const app = start({
      command: ['node', written('outer.cjs', outer)],
      endpoint,
      env: { NODE_OPTIONS: `--require=${old} --require=${preload}` },
    });
    expect(await app.ended()).toBe(0);
    expect(app.out()).toContain('inner runs');
    expect(app.err().match(/coppice: /g)).toHaveLength(1);
    expect(app.err()).toContain('without 18.19, 20.6 or newer nothing here is traced');
  });

  test('whose instrumentation is broken says so, and runs', async () => {
    const alone = written('alone/preload.cjs', '');
    copyFileSync(preload, alone);
    const { endpoint } = await collector();
    const app = start({ command: ['node', written('fine.cjs', server())], endpoint, preload: alone });
    expect((await app.get('/')).text).toBe('ok');
    expect(app.err()).toContain('coppice: nothing here is traced: ');
  });

  test('that asks whether a pod is ready leaves no span', async () => {
    const { endpoint, spans } = await collector();
    const app = start({ command: ['node', written('probed.cjs', server())], endpoint });
    await app.get('/healthz', { 'user-agent': 'kube-probe/1.34' });
    await app.get('/asked');
    await vi.waitFor(
      () => expect(spans.map(({ attributes }) => attributes['url.path'])).toContain('/asked'),
      patience,
    );
    expect(spans.map(({ attributes }) => attributes['url.path'])).not.toContain('/healthz');
  });
});

describe('what starts the app', () => {
  test('node --watch runs a saved file', async () => {
    const { endpoint, spans } = await collector();
    const file = written('watched.cjs', server());
    const app = start({ command: ['node', '--watch', file], endpoint });
    expect((await app.get('/old')).text).toBe('ok');
    written('watched.cjs', server().replace("'ok'", "'new'"));
    await vi.waitFor(async () => expect((await app.get('/now')).text).toBe('new'), patience);
    await vi.waitFor(
      () => expect(spans.map(({ attributes }) => attributes['url.path'])).toContain('/now'),
      patience,
    );
  });

  test('npm run is not traced, and what it starts is', async () => {
    const { endpoint, spans } = await collector();
    written('npm/server.js', server("console.log('options', process.env.NODE_OPTIONS);"));
    written('npm/package.json', JSON.stringify({ scripts: { dev: 'node server.js' } }));
    const app = start({ command: ['npm', 'run', 'dev'], endpoint, cwd: join(folder, 'npm') });
    await app.get('/by-npm');
    await vi.waitFor(
      () => expect(spans.map(({ attributes }) => attributes['url.path'])).toContain('/by-npm'),
      patience,
    );
    expect(app.out()).toContain('preload.cjs');
  });
});

test('a package of the app is found from its own folder, whatever the instrumentation has', async () => {
  const modules = join(folder, 'linked', 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of ['pg', 'pino'])
    symlinkSync(
      join(packageRoot(), name === 'pg' ? '' : 'instrumentation/node', 'node_modules', name),
      join(modules, name),
    );
  const file = written(
    'linked/app.cjs',
    "console.log(require('pg').Client.name, typeof require('pino').pino);",
  );
  const { endpoint } = await collector();
  const app = start({ command: ['node', file], endpoint });
  expect(await app.ended()).toBe(0);
  expect(app.out()).toBe('Client function\n');
});
