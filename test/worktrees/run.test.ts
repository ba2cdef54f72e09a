import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Home } from './harness.ts';

let home: Home;
let top: string;
beforeEach(() => {
  home = new Home();
  top = home.repository('my shop');
});
afterEach(() => home.remove());

const spec = `version: 1
name: shop
services:
  web:
    command: node server.js
    port: 3000
    primary: true
    runtime: node
    env:
      GREETING: "good day"
      API: "\${services.api.url}"
      API_HOST: "\${services.api.host}"
      WHERE: "\${environment.slug}"
  api:
    command: node api.js
    port: 4000
    runtime: node
    env: { ONLY_API: "yes" }
`;

function printed(stdout: string): Readonly<Record<string, string>> {
  return (JSON.parse(stdout) as { variables: Readonly<Record<string, string>> }).variables;
}

test('a program has ports, arguments as they are and its own folder, in a repository without a spec', async () => {
  const below = join(top, 'a folder');
  mkdirSync(below);
  const script =
    'console.log(JSON.stringify([process.env.PORT, process.env.PORT_1, process.cwd(), process.argv.slice(1)]))';
  const { code, stdout, stderr } = await home.wt(below, [
    'run',
    '--',
    'node',
    '-e',
    script,
    'a b',
    '--json',
    '$HOME',
    '',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [port, next, ...rest] = JSON.parse(stdout) as readonly [string, string, string, readonly string[]];
  expect(Number(next)).toBe(Number(port) + 1);
  expect(rest).toEqual([below, ['a b', '--json', '$HOME', '']]);
  expect(existsSync(join(home.folder, '.cache'))).toBe(false);
});

test('where the spec has telemetry and there is no cluster, the program runs without it, and is told why', async () => {
  home.write(top, { 'coppice.yaml': `${spec}telemetry: { instrument: [node] }\n` });
  const script = 'console.log(process.env.OTEL_SDK_DISABLED, process.env.NODE_OPTIONS)';
  const { code, stdout, stderr } = await home.wt(top, [
    'run',
    '--service',
    'web',
    '--',
    'node',
    '-e',
    script,
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'true undefined\n' });
  expect(stderr).toContain('no telemetry of this program: there is no cluster yet');
  const printing = await home.wt(top, ['run', '--print']);
  expect(printing.stdout).toContain('# no telemetry: there is no cluster yet');
});

test('its exit code is the result, and 128 and the number after a signal', async () => {
  expect((await home.wt(top, ['run', '--', 'sh', '-c', 'exit 42'])).code).toBe(42);
  expect((await home.wt(top, ['run', '--', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  expect((await home.wt(top, ['run', '--', 'sh', '-c', 'kill -KILL $$'])).code).toBe(137);
});

test('a signal reaches the program, which ends in its own way', async () => {
  const script =
    "process.on('SIGTERM', () => { console.log('cleaned'); process.exit(5); }); console.log('ready'); setInterval(() => {}, 1000)";
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const running = home.startWt(top, ['run', '--', 'node', '-e', script.replaceAll('SIGTERM', signal)]);
    await running.seen(/ready/);
    // To wt alone, as a supervisor does.
    process.kill(running.pid, signal);
    expect(await running.ended, signal).toMatchObject({ code: 5, stdout: 'ready\ncleaned\n' });
  }
});

test('a program that is not there ends with 127, one that may not be executed with 126', async () => {
  const missing = await home.wt(top, ['run', '--', 'no-such-program']);
  expect(missing).toMatchObject({ code: 127 });
  expect(missing.stderr).toContain('there is no program no-such-program on PATH');
  const text = await home.wt(top, ['run', '--', 'echo it && true']);
  expect(text).toMatchObject({ code: 127 });
  expect(text.stderr).toContain("sh -c 'echo it && true'");
  home.write(top, { 'run me': '#!/bin/sh\necho ran\n' });
  const denied = await home.wt(top, ['run', '--', './run me']);
  expect(denied).toMatchObject({ code: 126 });
  expect(denied.stderr).toContain('is not executable');
  chmodSync(join(top, 'run me'), 0o755);
  expect(await home.wt(top, ['run', '--', './run me'])).toMatchObject({ code: 0, stdout: 'ran\n' });
  expect((await home.wt(top, ['run', '--', './nothing'])).stderr).toContain(join(top, 'nothing'));
});

test('without a program, and with its options before --, the usage is explained', async () => {
  const none = await home.wt(top, ['run']);
  expect(none).toMatchObject({ code: 2 });
  expect(none.stderr).toContain('wt run -- npm test');
  const option = await home.wt(top, ['run', 'npm', 'test', '--watch']);
  expect(option).toMatchObject({ code: 2 });
  expect(option.stderr).toContain('write -- before the command');
});

test("a spec's variables lead to what this machine reaches, without a cluster where none is needed", async () => {
  home.write(top, { 'coppice.yaml': spec, '.env': 'FROM_FILE=yes\n' });
  const { code, stdout, stderr } = await home.wt(top, ['run', '--print', '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(printed(stdout)).toMatchObject({
    GREETING: 'good day',
    API: 'http://api.main.shop.localhost',
    API_HOST: 'api.main.shop.localhost',
    WHERE: 'main',
    PORT: expect.stringMatching(/^2\d{4}$/),
    OTEL_SERVICE_NAME: 'web',
  });
  expect(printed(stdout)).not.toHaveProperty('FROM_FILE');
  expect(printed(stdout)).not.toHaveProperty('HOST');
  const other = await home.wt(top, ['run', '--service', 'api', '--print', '--json']);
  expect(printed(other.stdout)).toMatchObject({ ONLY_API: 'yes' });
  expect(printed(other.stdout)).not.toHaveProperty('GREETING');
  const shell = await home.wt(top, ['run', '--print', '--shell', 'bash']);
  expect(shell.stdout).toContain("export GREETING='good day'\n");
  const unknown = await home.wt(top, ['run', '--service', 'wbe', '--', 'true']);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('web');
});

test('a database needs an environment that is up, and the ports alone do not', async () => {
  home.write(top, { 'coppice.yaml': `${spec}database: {}\n` });
  const refused = await home.wt(top, ['run', '--', 'true']);
  expect(refused).toMatchObject({ code: 3 });
  expect(refused.stderr).toContain('wt up');
  const alone = await home.wt(top, ['run', '--port-only', '--', 'sh', '-c', 'echo $PORT$DATABASE_URL']);
  expect(alone).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2\d{4}\n$/) });
});

test('outside of a repository it says so', async () => {
  const outside = await home.wt(home.folder, ['run', '--', 'true']);
  expect(outside).toMatchObject({ code: 1 });
  expect(outside.stderr).toContain('is not in a git repository');
});
