import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isLogOf } from '../../../../app/engine/backend-files.ts';
import { forgetEngineLogs } from '../../../../app/engine/index.ts';
import { forgetLeftovers } from '../../../../app/environments/leftovers.ts';
import { type Paths, paths } from '../../../../core/paths.ts';

let home: string;
let places: Paths;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'coppice-leftovers-'));
  places = paths({ XDG_DATA_HOME: home }, home);
});
afterEach(() => rmSync(home, { recursive: true }));

function write(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(places.data, file)), { recursive: true });
    writeFileSync(join(places.data, file), '{}');
  }
}
const left = (...files: readonly string[]) => files.filter((file) => existsSync(join(places.data, file)));

test('an app without a stack leaves neither records nor folders', async () => {
  write('environments/shop/main.json', 'environments/shop/main.setup.json', 'projects/shop/Pulumi.yaml');
  const empty = ['stacks/shop', 'history/shop', 'locks/organization/shop', 'backups/shop'];
  for (const folder of empty) mkdirSync(join(places.pulumiState, '.pulumi', folder), { recursive: true });
  await forgetLeftovers(places);
  expect(left('environments/shop', 'projects/shop')).toEqual([]);
  expect(left(...empty.map((folder) => `state/.pulumi/${folder}`))).toEqual([]);
});

test('an app keeps its project and the records of the environments that have a stack', async () => {
  const kept = [
    'environments/shop/main.json',
    'environments/shop/main.setup.json',
    'projects/shop/Pulumi.yaml',
  ];
  write(...kept, 'state/.pulumi/stacks/shop/main.json', 'environments/shop/gone.json');
  await forgetLeftovers(places);
  expect(left(...kept)).toEqual(kept);
  expect(left('environments/shop/gone.json')).toEqual([]);
});

test('a run that is under way keeps its record and lock, and the last good copy of a state stays', async () => {
  const kept = [
    'environments/shop/b.run.json',
    'environments/shop/b.run.lock/x',
    'state/.pulumi/stacks/shop/b.json.bak',
  ];
  write(...kept);
  await forgetLeftovers(places);
  expect(left(...kept)).toEqual(kept);
});

test('what a killed write left is removed, and what another process is writing stays', async () => {
  const killed = spawnSync('true').pid;
  const written = `environments/shop/main.json.${process.pid}-0badcafe`;
  const halves = ['main.json', 'main.run.json', 'main.setup.json'].map(
    (name) => `environments/shop/${name}.${killed}-0badcafe`,
  );
  write(written, ...halves);
  await forgetLeftovers(places);
  expect(left(written, ...halves)).toEqual([written]);
});

test("the platform's project stays", async () => {
  write('projects/coppice/Pulumi.yaml');
  await forgetLeftovers(places);
  expect(left('projects/coppice/Pulumi.yaml')).toHaveLength(1);
});

test('only the logs of a stack that is gone are removed', async () => {
  const [mine, other] = ['shop+feat', 'shop+feat-b'].map(
    (stack) => `pulumi/logs/organization+${stack}-20261130T110320.log`,
  );
  write(mine ?? '', other ?? '');
  await forgetEngineLogs({ project: 'shop', stack: 'feat' }, places);
  expect(left(mine ?? '')).toEqual([]);
  expect(left(other ?? '')).toEqual([other]);
  expect(isLogOf({ project: 'shop', stack: 'feat' }, 'organization+shop+feat-b-20261130T110320.log')).toBe(
    false,
  );
});

test('an environment without a stack leaves nothing about its repository', async () => {
  write('environments/shop/gone.origin.json');
  await forgetLeftovers(places);
  expect(left('environments/shop')).toEqual([]);
});

test('without any record there is nothing to do', async () => {
  await expect(forgetLeftovers(places)).resolves.toBeUndefined();
});
