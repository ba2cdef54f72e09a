import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ports } from '../../../../../app/ports.ts';
import type { HookContext } from '../../../../../app/worktrees/hooks/context.ts';
import { runHooks } from '../../../../../app/worktrees/hooks/run.ts';
import { Interrupts } from '../../../../../core/interrupts.ts';
import { silent } from '../../../../../core/progress.ts';
import { until } from '../../../../../core/until.ts';

let folder: string;
let context: HookContext;
let ports: Ports;
let questions: string[];
let answer: boolean;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-hooks-')));
  vi.stubEnv('XDG_DATA_HOME', join(folder, 'data'));
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'config'));
  const worktree = join(folder, 'shop.feat-a');
  mkdirSync(join(worktree, '.git'), { recursive: true });
  mkdirSync(join(folder, 'shop', '.git'), { recursive: true });
  context = { repository: join(folder, 'shop/.git'), main: join(folder, 'shop'), worktree, branch: 'feat/a' };
  questions = [];
  answer = false;
  ports = {
    cwd: folder,
    env: { PATH: process.env.PATH, COPPICE_BASE: 'a stale value', GIT_DIR: '/elsewhere' },
    screen: { ...silent, steps() {}, close() {} },
    interrupts: new Interrupts(),
    ask: async (question: string) => {
      questions.push(question);
      return answer;
    },
  } as unknown as Ports;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const spec = (hooks: string, at = context.worktree) =>
  writeFileSync(
    join(at, 'coppice.yaml'),
    `version: 1\nname: shop\nservices:\n  web: { runtime: node, command: node a.js, port: 3000 }\n${hooks}\n`,
  );
const run = (yes = false) => runHooks('created', context, { yes }, ports);
const read = (name: string) => readFileSync(join(context.worktree, name), 'utf8');

test('without coppice.yaml, and with one that has no such hook, nothing runs and nothing is asked', async () => {
  expect(await run()).toEqual({ status: 'none', commands: [] });
  spec('hooks: { deleted: touch ran }');
  expect(await run()).toEqual({ status: 'none', commands: [] });
  expect(questions).toEqual([]);
});

test.each([
  ['half of a file', 'version: [\n'],
  ['an empty file', ''],
  ['no map', '- one\n'],
  ['a key twice', 'version: 1\nname: shop\nname: shop\n'],
])('what may have lost its hooks is no file without hooks: %s', async (_, text) => {
  writeFileSync(join(context.worktree, 'coppice.yaml'), text);
  const outcome = await run();
  expect(outcome).toMatchObject({ status: 'failed', reason: 'it did not run, as coppice.yaml has mistakes' });
  expect(outcome.output?.join('\n')).toContain('coppice.yaml:');
});

test('a coppice.yaml that cannot be read is no file without hooks', async () => {
  mkdirSync(join(context.worktree, 'coppice.yaml'));
  expect(await run()).toMatchObject({
    status: 'failed',
    reason: 'it did not run, as coppice.yaml cannot be read',
  });
});

test('a text is asked for once, and again when it changes', async () => {
  answer = true;
  spec('hooks: { created: echo a >> ran }');
  expect((await run()).status).toBe('ran');
  expect((await run()).status).toBe('ran');
  expect(questions).toHaveLength(1);
  spec('hooks: { created: echo b >> ran }');
  expect((await run()).status).toBe('ran');
  expect(questions).toHaveLength(2);
  expect(read('ran')).toBe('a\na\nb\n');
});

test('what one repository may run, another one is asked for', async () => {
  spec('hooks: { created: echo a >> ran }');
  expect((await run(true)).status).toBe('ran');
  expect(
    (await runHooks('created', { ...context, repository: '/other/.git' }, { yes: false }, ports)).status,
  ).toBe('skipped');
});

test('declined, every command is left out; --yes asks nothing', async () => {
  spec('hooks: { created: [touch one, touch two] }');
  const declined = await run();
  expect(declined).toMatchObject({ status: 'skipped', commands: ['touch one', 'touch two'] });
  expect(existsSync(join(context.worktree, 'one'))).toBe(false);
  questions = [];
  expect((await run(true)).status).toBe('ran');
  expect(questions).toEqual([]);
  expect(existsSync(join(context.worktree, 'two'))).toBe(true);
});

test('ten with --yes at once are all remembered', async () => {
  const repositories = Array.from({ length: 10 }, (_, index) => `/r${index}/.git`);
  spec('hooks: { created: "true" }');
  const each = (yes: boolean) =>
    Promise.all(
      repositories.map((repository, index) =>
        runHooks('created', { ...context, repository, branch: `b${index}` }, { yes }, ports),
      ),
    );
  await each(true);
  expect((await each(false)).map(({ status }) => status)).toEqual(repositories.map(() => 'ran'));
});

test('it gets what is known as JSON and as variables, and nothing stale', async () => {
  spec('hooks: { created: "cat > in; env > vars" }');
  context = { ...context, defaultBranch: 'main' };
  expect((await run(true)).status).toBe('ran');
  expect(JSON.parse(read('in'))).toEqual({
    event: 'created',
    branch: 'feat/a',
    slug: 'feat-a',
    worktree: context.worktree,
    repository: context.main,
    repositoryName: 'shop',
    defaultBranch: 'main',
    app: 'shop',
    url: 'http://feat-a.shop.localhost/',
  });
  const variables = read('vars').split('\n');
  expect(variables).toContain('COPPICE_BRANCH=feat/a');
  expect(variables).toContain('COPPICE_DEFAULT_BRANCH=main');
  expect(variables).toContain('COPPICE_URL=http://feat-a.shop.localhost/');
  expect(variables.filter((line) => /^(COPPICE_BASE|GIT_DIR)=/.test(line))).toEqual([]);
});

test('where the folder is gone, the hook of the main worktree runs there with the same names', async () => {
  spec('hooks: { deleted: "echo $COPPICE_SLUG $COPPICE_WORKTREE > gone" }', context.main);
  rmSync(context.worktree, { recursive: true });
  expect((await runHooks('deleted', context, { yes: true }, ports)).status).toBe('ran');
  expect(readFileSync(join(context.main, 'gone'), 'utf8')).toBe(`feat-a ${context.worktree}\n`);
});

test('one that fails says how, with its last lines, and the rest does not run', async () => {
  spec('hooks: { created: ["echo out; echo broken >&2; exit 3", touch after] }');
  const outcome = await run(true);
  expect(outcome).toMatchObject({ status: 'failed', output: ['out', 'broken'] });
  expect(outcome.reason).toContain('exit code 3');
  expect(existsSync(join(context.worktree, 'after'))).toBe(false);
});

test('of megabytes of output only the last lines are shown', async () => {
  spec('hooks: { created: "yes 0123456789abcdef | head -c 20000000; echo; echo the end; exit 1" }');
  const outcome = await run(true);
  expect(outcome.output?.length).toBeLessThanOrEqual(20);
  expect(outcome.output?.at(-1)).toBe('the end');
  expect(statSync(outcome.log ?? '').size).toBeGreaterThan(19_000_000);
});

test('what a hook leaves in the background does not hold it up', async () => {
  spec('hooks: { created: "sleep 300 & echo $! > pid" }');
  expect((await run(true)).status).toBe('ran');
  process.kill(Number(read('pid')), 'SIGKILL');
});

test('Ctrl+C ends every process of a hook that hangs', async () => {
  spec('hooks: { created: "sleep 300 & echo $! > pid.new; mv pid.new pid; wait" }');
  const running = run(true);
  await until(() => existsSync(join(context.worktree, 'pid')), { every: 20 });
  ports.interrupts.interrupt();
  await expect(running).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  const pid = Number(read('pid'));
  await until(() => !isRunning(pid), { every: 20 });
});

test('one that takes longer than the settings allow is ended with all its processes, and says so', async () => {
  mkdirSync(join(folder, 'config/coppice'), { recursive: true });
  writeFileSync(join(folder, 'config/coppice/config.yaml'), 'worktrees: { hookMinutes: 7 }\n');
  const original = globalThis.setTimeout;
  let endTime: (() => void) | undefined;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, milliseconds?: number) => {
    if (milliseconds === 7 * 60_000) endTime = work;
    return original(work, milliseconds);
  }) as typeof setTimeout);
  spec(
    'hooks: { created: ["echo begun; sleep 300 & echo $! > pid.new; mv pid.new pid; wait", touch after] }',
  );
  const running = run(true);
  await until(() => existsSync(join(context.worktree, 'pid')), { every: 20 });
  endTime?.();
  const outcome = await running;
  expect(outcome).toMatchObject({ status: 'failed', output: ['begun'] });
  expect(outcome.reason).toContain('was ended after 7 minutes');
  const pid = Number(read('pid'));
  await until(() => !isRunning(pid), { every: 20 });
  expect(existsSync(join(context.worktree, 'after'))).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    // One that has ended and that nobody has waited for still takes signals.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a coppice.yaml with mistakes is named, and nothing of it runs', async () => {
  spec('hooks: { created: touch ran }\nnonsense: 1');
  const outcome = await run(true);
  expect(outcome).toMatchObject({ status: 'failed', commands: [] });
  expect(outcome.reason).toContain('coppice.yaml');
  expect(outcome.output?.join('\n')).toContain('nonsense');
  expect(existsSync(join(context.worktree, 'ran'))).toBe(false);
});
