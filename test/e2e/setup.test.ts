import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, get, kubectl, Repository, startWt, wt, wtOk } from './harness.ts';

const spec = `version: 1
name: setup
services:
  web: { runtime: node, command: exec node server.cjs, port: 3000 }
setup: [sh setup.sh]
`;
/** As a package manager does: what was there is deleted first. It waits as long as there is a file `hold`. */
const setup = `echo run >> runs.log
rm -rf node_modules
while [ -e hold ]; do echo "fetching packages"; sleep 0.2; done
if [ -e fail ]; then echo "the registry says no"; exit 3; fi
mkdir node_modules
cp package-lock.json node_modules/greeting.txt
`;
/** Answers with what setup had made when the process began. */
const server = `
const greeting = require('node:fs').readFileSync('node_modules/greeting.txt', 'utf8');
require('node:http').createServer((_, answer) => answer.end(greeting)).listen(3000);
`;

let repository: Repository;
const options = () => ({ cwd: repository.top });
const runs = () => readFileSync(join(repository.top, 'runs.log'), 'utf8').split('\n').length - 1;
const slugs = ['main', 'demo'];
const bodies = () => Promise.all(slugs.map(async (slug) => (await get(`${slug}.setup.localhost`)).body));

async function pods(): Promise<string[]> {
  const found = await Promise.all(
    slugs.map((slug) => kubectl('-n', `wt-setup--${slug}`, 'get', 'pods', '-o', 'name')),
  );
  return found.flatMap((names) => names.split('\n').filter(Boolean));
}

const untilPods = () =>
  eventually('both have a pod', async () => ((await pods()).length === 2 ? true : undefined));

async function stateOf(slug: string): Promise<string> {
  return JSON.parse((await wt(['status', '--as', slug, '--json'], options())).stdout).state;
}

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  await wtOk(['platform', 'up']);
  repository = new Repository({ branch: 'main', spec });
  repository.write('setup.sh', setup);
  repository.write('server.cjs', server);
  repository.write('package-lock.json', 'one');
});

afterAll(async () => {
  await wt(['down'], options());
  await wt(['down', '--as', 'demo'], options());
  repository.remove();
});

test('setup runs once for all environments of a worktree, before their pods start', async () => {
  await wtOk(['up', '--yes'], options());
  await wtOk(['up', '--as', 'demo', '--yes'], options());
  await wtOk(['up', '--yes'], options());
  expect(runs()).toBe(1);
  expect(await bodies()).toEqual(['one', 'one']);
});

test('no pod runs while setup does; Ctrl+C ends it, and starts all services again', async () => {
  repository.write('package-lock.json', 'two');
  repository.write('hold', '');
  const up = startWt(['up', '--yes'], options());
  await eventually('setup runs', async () => runs() === 2 || undefined);
  const during = { pods: await pods(), demo: await stateOf('demo') };
  up.kill('SIGINT');
  const { code, stderr } = await up.ended;
  rmSync(join(repository.top, 'hold'));
  expect(during).toEqual({ pods: [], demo: 'stopped' });
  expect(code, stderr).toBe(1);
  expect(stderr).toContain('the services of setup/demo and setup/main are started again');
  await untilPods();
});

test('a setup that fails says why, and leaves no environment of the worktree stopped', async () => {
  repository.write('fail', '');
  const { code, stderr } = await wt(['up', '--yes'], options());
  expect(code).toBe(1);
  expect(stderr).toMatch(/exit code 3\n {2}\| the registry says no/);
  expect(runs()).toBe(3);
  // They have no packages now, and say so themselves.
  expect(existsSync(join(repository.top, 'node_modules'))).toBe(false);
  await untilPods();
  await eventually('demo says why', async () => {
    const { stdout } = await wt(['status', '--as', 'demo', '--json'], options());
    return /greeting\.txt/.test(stdout) || undefined;
  });
});

test('after a setup that succeeds all of them run with what it made', async () => {
  rmSync(join(repository.top, 'fail'));
  await wtOk(['up', '--yes'], options());
  expect(runs()).toBe(4);
  await eventually('both answer again', async () => {
    const [main, demo] = await bodies();
    return (main === 'two' && demo === 'two') || undefined;
  });
});
