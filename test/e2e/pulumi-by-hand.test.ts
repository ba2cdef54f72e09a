import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CommandResult, get, kubectl, Repository, run, wt, wtOk } from './harness.ts';

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
  await wtOk(['platform', 'up']);
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

test('share their state with wt', async () => {
  await wtOk(['up'], { cwd: worktree });
  expect(await byHandOk('pulumi stack select by-hand && pulumi preview --expect-no-changes')).toContain(
    'unchanged',
  );
  await byHandOk('pulumi destroy --yes');
  expect((await get('by-hand.shop.localhost')).status).toBe(404);
  await wtOk(['up'], { cwd: worktree });
  await wtOk(['down'], { cwd: worktree });
  expect(await byHandOk('pulumi stack ls --json')).not.toContain('by-hand');
});

test('refuse the stack of another worktree and name the right one', async () => {
  const result = await byHand('pulumi stack select --create somebody-else && pulumi preview');
  expect(result.code).not.toBe(0);
  expect(result.stdout + result.stderr).toContain('by-hand');
  await byHandOk('pulumi stack rm --yes somebody-else');
});

test('fail where wt fails: a service that crashes is named with its reason and its last log lines', async () => {
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

const crashing = `version: 1
name: shop
services:
  web:
    runtime: node
    command: echo the last words of web; exit 7
    port: 3000
`;
