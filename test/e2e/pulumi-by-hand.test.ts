import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { connectTemporal } from '../../servers/temporal/connection/connection.ts';
import { findNamespace } from '../../servers/temporal/namespaces/namespace.ts';
import type { Temporal } from '../../servers/temporal/types.ts';
import { startWorkflow } from '../servers/temporal/harness.ts';
import { type CommandResult, edit, get, kubectl, Repository, run, wt, wtOk } from './harness.ts';

let repository: Repository;
let worktree: string;

/** Types `eval "$(wt env)"` and then the command, in a shell in the worktree. */
async function byHand(command: string): Promise<CommandResult> {
  const { stdout } = await wtOk(['env'], { cwd: worktree });
  return run('bash', ['-c', `set -e\n${stdout}\n${command}`], { cwd: worktree });
}

async function byHandOk(command: string): Promise<string> {
  const result = await byHand(command);
  if (result.code !== 0)
    throw new Error(`${command} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

beforeAll(async () => {
  await wtOk(['cluster', 'start']);
  await wtOk(['platform', 'up', '--with', 'postgres']);
  repository = new Repository();
  worktree = repository.worktree('by/hand');
});

afterAll(async () => {
  await wt(['down'], { cwd: worktree });
  repository.remove();
});

test('preview, up, stack output and destroy do what a Pulumi user expects', async () => {
  await byHandOk('pulumi stack select --create by-hand');
  expect(await byHandOk('pulumi preview')).toContain('coppice:index:Environment');
  await byHandOk('pulumi up --yes');
  expect((await get('by-hand.shop.localhost')).status).toBe(200);
  expect((await byHandOk('pulumi stack output url')).trim()).toBe('http://by-hand.shop.localhost/');
  await byHandOk('pulumi destroy --yes');
  expect((await get('by-hand.shop.localhost')).status).toBe(404);
});

test("the installed package's program has the environment's outputs and warns about none that it lacks", async () => {
  edit(join(worktree, 'Pulumi.yaml'), 'infra/index.js', join(packageRoot(), 'dist/program/main.cjs'));
  const { code, stdout, stderr } = await byHand('pulumi stack select --create by-hand && pulumi preview');
  expect({ code, output: stdout + stderr }).toEqual({
    code: 0,
    output: expect.stringMatching(/^Outputs:\n.*environmentId: .*namespace /ms),
  });
  expect(stdout + stderr).not.toContain('Undefined value');
  await byHandOk('git checkout --quiet Pulumi.yaml');
});

test('share their state with wt', async () => {
  await wtOk(['up'], { cwd: worktree });
  expect(await byHandOk('pulumi stack select by-hand && pulumi preview --expect-no-changes')).toContain(
    'unchanged',
  );
  const twice = join(repository.folder, 'twice');
  const there = await byHand(
    `git worktree add --quiet --force ${twice} by/hand && cd ${twice} && pulumi stack select by-hand && pulumi preview; git worktree remove --force ${twice}`,
  );
  expect(there.stdout + there.stderr).toContain(`is the environment of the worktree ${worktree}`);
  await byHandOk('pulumi destroy --yes');
  expect((await get('by-hand.shop.localhost')).status).toBe(404);
  await wtOk(['up'], { cwd: worktree });
  const urns = await byHandOk('pulumi stack --show-urns');
  const [urn = ''] = /urn:pulumi:\S+kubernetes:core\/v1:LimitRange::\S+/.exec(urns) ?? [];
  await byHandOk(`pulumi state protect --yes '${urn}'`);
  const refused = await wt(['down', '--json'], { cwd: worktree });
  expect(JSON.parse(refused.stdout)).toMatchObject({
    code: 'COPPICE_PROTECTED',
    message: expect.stringContaining(urn),
  });
  expect((await get('by-hand.shop.localhost')).status).toBe(200);
  await byHandOk(`pulumi state unprotect --yes '${urn}'`);
  await wtOk(['down'], { cwd: worktree });
  expect(await byHandOk('pulumi stack ls --json')).not.toContain('by-hand');
});

test('refuse the stack of another worktree and name the right one', async () => {
  const result = await byHand('pulumi stack select --create somebody-else && pulumi preview');
  expect(result.code).not.toBe(0);
  expect(result.stdout + result.stderr).toContain('by-hand');
  await byHandOk('pulumi stack rm --yes somebody-else');
});

test('fail where wt fails: a crashing service is named with its reason and its last log lines', async () => {
  const result = await byHand(
    `cat > coppice.yaml <<'SPEC'\n${crashing}\nSPEC\npulumi stack select --create by-hand && pulumi up --yes --skip-preview`,
  );
  const output = result.stdout + result.stderr;
  expect(result.code).not.toBe(0);
  expect(output).toMatch(/web/);
  expect(output).toContain('exit code 7');
  expect(output).toContain('the last words of web');
  await byHandOk(
    'git checkout --quiet coppice.yaml && pulumi destroy --yes && pulumi stack rm --yes by-hand',
  );
  expect(await kubectl('get', 'pods', '-A', '-l', 'coppice.dev/environment=by-hand', '-o', 'name')).toBe('');
});

test('create a Temporal namespace, show that it was deleted by hand, and remove it with workflows in it', async () => {
  await byHandOk(`cat > coppice.yaml <<'SPEC'\n${withTemporal}\nSPEC\npulumi stack select --create by-hand`);
  const without = await byHand('pulumi up --yes --skip-preview');
  if (without.code !== 0) {
    // A platform to which no other test has added Temporal yet.
    expect(without.stdout + without.stderr).toContain('wt platform up');
    await wtOk(['platform', 'up', '--with', 'temporal']);
    await byHandOk('pulumi up --yes --skip-preview');
  }
  const name = (await byHandOk('pulumi stack output temporalNamespace')).trim();
  expect(name).toBe('wt-shop--by-hand');
  expect(await byHandOk('pulumi preview --expect-no-changes')).toContain('unchanged');

  await onTemporal((temporal) => temporal.operator.deleteNamespace({ namespace: name }));
  expect(await byHandOk('pulumi preview')).toMatch(/\+ .*coppice:index:TemporalNamespace/);
  await byHandOk('pulumi up --yes --skip-preview');
  await onTemporal((temporal) => startWorkflow(temporal, name, 'order-1'));
  await byHandOk(
    'pulumi destroy --yes && pulumi stack rm --yes by-hand && git checkout --quiet coppice.yaml',
  );
  expect(await onTemporal((temporal) => findNamespace(temporal, name))).toBeUndefined();
});

const withTemporal = `version: 1
name: shop
services: {}
temporal: { searchAttributes: { OrderId: Keyword } }
`;

async function onTemporal<T>(work: (temporal: Temporal) => Promise<T>): Promise<T> {
  const record = await readClusterRecord();
  const temporal = await connectTemporal({ address: `127.0.0.1:${record?.temporal?.port}` });
  return work(temporal).finally(() => temporal.close());
}

const crashing = `version: 1
name: shop
services:
  web:
    runtime: node
    command: echo the last words of web; exit 7
    port: 3000
`;
