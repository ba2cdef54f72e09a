import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { upSourceOf } from '../../../../app/environments/up-source.ts';
import type { Target } from '../../../../app/target/target.ts';
import { takeEnvironment } from '../../../../app/target/verb-line.ts';
import type { Verb } from '../../../../cli/define.ts';
import { parse } from '../../../../cli/program.ts';
import { verbGroups, verbs } from '../../../../cli/verbs/index.ts';
import type { CoppiceError } from '../../../../core/errors.ts';
import { testPorts } from '../../app/ports.ts';

/**
 * What each verb is about. A verb that acts on an environment must refuse one that its folder does not own; a new verb
 * without a line here fails.
 */
const about: Readonly<Record<string, 'environment' | 'machine'>> = {
  init: 'machine',
  create: 'machine',
  up: 'environment',
  down: 'environment',
  stop: 'environment',
  start: 'environment',
  restart: 'environment',
  status: 'environment',
  logs: 'environment',
  traces: 'environment',
  trace: 'environment',
  metrics: 'environment',
  'telemetry status': 'machine',
  errors: 'environment',
  open: 'environment',
  forward: 'environment',
  exec: 'environment',
  // It works in any repository, with the ports alone.
  run: 'machine',
  ports: 'machine',
  hook: 'machine',
  env: 'machine',
  doctor: 'machine',
  switch: 'machine',
  // They judge by git, and refuse what is not of this repository.
  delete: 'machine',
  undo: 'machine',
  list: 'machine',
  gc: 'machine',
  'shell install': 'machine',
  'shell uninstall': 'machine',
  'db url': 'environment',
  'db psql': 'environment',
  'db reset': 'environment',
  'db snapshot': 'environment',
  'db restore': 'environment',
  'db snapshots': 'environment',
  'db undo': 'environment',
  'db list': 'machine',
  'db refresh-template': 'environment',
  'db status': 'environment',
  'db fork': 'environment',
  'workflows ls': 'environment',
  'workflows show': 'environment',
  'platform up': 'machine',
  'platform down': 'machine',
  'platform status': 'machine',
  'cluster start': 'machine',
  'cluster stop': 'machine',
  'cluster status': 'machine',
  'cluster reset': 'machine',
  'cluster migrate': 'machine',
  'toolchain list': 'machine',
  'toolchain install': 'machine',
};

const named = (verb: Verb, group?: string) =>
  [group, verb.usage.split(' ')[0]].filter((word) => word !== undefined).join(' ');
const everyVerb = new Map<string, Verb>([
  ...verbs.map((verb) => [named(verb), verb] as const),
  ...verbGroups.flatMap((group) => group.verbs.map((verb) => [named(verb, group.name), verb] as const)),
]);
const ofEnvironments = [...everyVerb.keys()].filter((name) => about[name] === 'environment');

let top: string;
const variables = ['XDG_DATA_HOME', 'XDG_CONFIG_HOME'] as const;
let before: readonly (string | undefined)[];
const at = (...parts: string[]) => join(top, ...parts);

function git(folder: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', ['-C', folder, ...identity, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function repository(name: string, specs: Readonly<Record<string, string>>): void {
  mkdirSync(at(name), { recursive: true });
  git(at(name), 'init', '--quiet', '--initial-branch', 'main');
  for (const [folder, app] of Object.entries(specs)) {
    mkdirSync(at(name, folder), { recursive: true });
    writeFileSync(
      at(name, folder, 'coppice.yaml'),
      `version: 1\nname: ${app}\nservices: { web: { image: node, command: "true" } }\n`,
    );
  }
  writeFileSync(at(name, 'readme'), name);
  git(at(name), 'add', '--all');
  git(at(name), 'commit', '--quiet', '--message', 'Begin');
}

/** As the engine leaves it after an `up`. */
function recordEnvironment(app: string, slug: string, repository: string, worktree: string, branch = slug) {
  const folder = at('data', 'coppice', 'state', '.pulumi', 'stacks', app);
  mkdirSync(folder, { recursive: true });
  const outputs = { app, slug, repository: at(repository, '.git'), worktree: at(worktree), branch };
  const urn = `urn:pulumi:${slug}::${app}::coppice:index:Environment::environment`;
  const resources = [{ urn, type: 'coppice:index:Environment', outputs }];
  const checkpoint = { stack: `organization/${app}/${slug}`, latest: { resources } };
  writeFileSync(join(folder, `${slug}.json`), JSON.stringify({ version: 3, checkpoint }));
}

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'coppice-targets-')));
  before = variables.map((name) => process.env[name]);
  process.env.XDG_DATA_HOME = at('data');
  process.env.XDG_CONFIG_HOME = at('config');
  // An `up` that is not refused must not start a cluster on this machine.
  mkdirSync(at('config', 'coppice'), { recursive: true });
  writeFileSync(at('config', 'coppice', 'config.yaml'), 'driver: existing\nexisting: { context: nowhere }\n');
  repository('shop', { '.': 'shop' });
  repository('clone', { '.': 'shop' });
  repository('empty', {});
  repository('main', { '.': 'other' });
  repository('mono', { 'apps/web': 'web', 'apps/api': 'api' });
  git(at('shop'), 'worktree', 'add', '--quiet', at('docs'), '-b', 'docs');
  rmSync(at('docs', 'coppice.yaml'));
  git(at('shop'), 'worktree', 'add', '--quiet', at('same-slug'), '-b', 'feat-a');
  git(at('mono'), 'worktree', 'add', '--quiet', at('twofold'), '-b', 'shop/main');
  recordEnvironment('shop', 'main', 'shop', 'shop');
  recordEnvironment('shop', 'docs', 'shop', 'docs');
  recordEnvironment('shop', 'feat-a', 'shop', 'elsewhere', 'feat/a');
  recordEnvironment('web', 'main', 'mono', 'mono');
  recordEnvironment('api', 'main', 'mono', 'mono');
});
afterAll(() => {
  for (const [at, name] of variables.entries()) {
    const value = before[at];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(top, { recursive: true });
});

/** The command line of a verb for one environment. */
function lineFor(name: string, { environment, as }: Target): string[] {
  const required = everyVerb.get(name)?.usage.match(/<[a-z]+>/g) ?? [];
  const place =
    environment === undefined ? [] : takeEnvironment.includes(name) ? [environment] : ['--env', environment];
  const from = name === 'db fork' ? ['--from', environment ?? as ?? 'main'] : [];
  return [
    ...name.split(' '),
    ...required.map(() => 'abcd1234'),
    ...place,
    ...(as === undefined ? [] : ['--as', as]),
    ...from,
  ];
}

async function failureOf(name: string, target: Target, folder: string): Promise<CoppiceError> {
  const request = parse(lineFor(name, target), '1.2.3');
  if (request.kind !== 'verb') throw new Error(request.text);
  return request.verb.run(request.args, request.options, testPorts({ cwd: at(folder) })).then(
    () => {
      throw new Error(`${name} was not refused`);
    },
    (error: unknown) => error as CoppiceError,
  );
}

/** Without a cluster, a verb whose environment may be reached ends where it looks for one. */
async function expectReached(name: string, target: Target, folder: string): Promise<void> {
  if (name === 'up') {
    const { likely } = await upSourceOf(target, at(folder));
    expect(likely).toEqual({ app: 'shop', slug: 'main' });
    return;
  }
  const { code, message } = await failureOf(name, target, folder);
  expect(['COPPICE_NO_CLUSTER', 'COPPICE_NO_TEMPORAL'], message).toContain(code);
}

test('every verb says whether it is about an environment', () => {
  const undecided = [...everyVerb.keys()].filter((name) => about[name] === undefined);
  expect(undecided).toEqual([]);
});

test.each(ofEnvironments)('%s takes --as, and an environment as its argument or with --env', (name) => {
  const flags = (everyVerb.get(name)?.options ?? []).map(([flags]) => flags);
  expect(flags).toContain('--as <name>');
  const takesArgument = everyVerb.get(name)?.usage.endsWith(' [environment]') === true;
  expect(takesArgument || flags.includes('--env <environment>')).toBe(true);
});

describe.each(ofEnvironments)('wt %s', (name) => {
  test.each([
    ['of this branch', {}],
    ['by a slug', { environment: 'main' }],
    ['by --as', { as: 'main' }],
  ])(
    "without a coppice.yaml refuses another repository's environment %s, and names it in full",
    async (_, target) => {
      const error = await failureOf(name, target, 'empty');
      expect(error).toMatchObject({ code: 'COPPICE_NO_SPEC', exitCode: 2 });
      expect(error.message).toMatch(/^no coppice\.yaml here/);
      expect(error.hint).toMatch(/wt init.*(shop|web|api)\/main/);
    },
  );

  test.each([
    ['of this branch', {}],
    ['by a slug', { environment: 'main' }],
    ['by --as', { as: 'main' }],
  ])('in another clone with the same app refuses the environment %s', async (_, target) => {
    const error = await failureOf(name, target, 'clone');
    expect(error).toMatchObject({ code: 'COPPICE_CLAIMED', exitCode: 1 });
    expect(error.message).toContain(`shop/main is the environment of branch main of ${at('shop', '.git')}`);
    expect(error.message.endsWith(at('clone', '.git'))).toBe(true);
    expect(error.hint).toContain('wt status shop/main');
  });

  test('in the worktree of another branch with the same slug refuses its environment', async () => {
    const error = await failureOf(name, {}, 'same-slug');
    expect(error).toMatchObject({ code: 'COPPICE_CLAIMED' });
    expect(error.message).toBe('shop/feat-a is the environment of branch feat/a, and this is branch feat-a');
  });

  test.each(['../main', 'main/', ''])(
    'takes the path "%s" of no worktree of this repository for no name of an environment',
    async (environment) => {
      const error = await failureOf(name, { environment }, 'shop');
      expect(error).toMatchObject({ code: 'COPPICE_NO_WORKTREE', exitCode: 1 });
      expect(error.message).toContain('is no worktree of this repository');
    },
  );

  test('takes a branch that has no worktree for no other branch with the same slug', async () => {
    if (name === 'up') return;
    const error = await failureOf(name, { environment: 'feat_a' }, 'shop');
    expect(error).toMatchObject({ code: 'COPPICE_CLAIMED' });
    expect(error.message).toContain('shop/feat-a is the environment of branch feat/a');
  });

  test('above several apps refuses to choose one of their environments', async () => {
    const error = await failureOf(name, {}, 'mono');
    expect(error).toMatchObject({ code: 'COPPICE_AMBIGUOUS', exitCode: 2 });
    expect(error.hint).toMatch(/wt status (api|web)\/main/);
  });

  test('refuses a name that is a branch here and an environment elsewhere', async () => {
    const error = await failureOf(name, { environment: 'shop/main' }, 'mono/apps/web');
    expect(error).toMatchObject({ code: 'COPPICE_AMBIGUOUS', exitCode: 2 });
    expect(error.hint).toContain('web/shop-main means the branch');
  });

  test.each(['empty', 'clone', 'docs', 'data'])(
    'reaches every environment by its full name from %s',
    (folder) => expectReached(name, { environment: 'shop/main' }, folder),
  );

  test('refuses a second name beside a full one', async () => {
    expect(await failureOf(name, { environment: 'shop/main', as: 'demo' }, 'shop')).toMatchObject({
      code: 'COPPICE_USAGE',
      hint: 'write shop/demo',
    });
  });

  test('reaches the environment of its own worktree', () => expectReached(name, {}, 'shop'));
});
