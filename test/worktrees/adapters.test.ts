import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../core/package-root.ts';
import { until } from '../../core/until.ts';
import { Home } from './harness.ts';

let home: Home;
let top: string;
beforeEach(() => {
  home = new Home();
  top = home.repository();
});
afterEach(() => home.remove());

const read = (file: string) => readFileSync(join(top, file), 'utf8');
const all = ['claude', 'cursor', 'codex', 'worktrunk', 'gtr', 'conductor', 'vscode'];
const written = [
  '.claude/settings.json',
  '.cursor/worktrees.json',
  '.codex/environments/environment.toml',
  '.config/wt.toml',
  '.gtrconfig',
  'conductor.json',
  '.vscode/tasks.json',
  'AGENTS.md',
];

async function adapt(...args: string[]) {
  const { code, stdout, stderr } = await home.wt(top, ['init', '--yes', ...args]);
  return { code, stdout, stderr };
}

test('every tool has its file in an empty repository, and a second run changes nothing', async () => {
  expect((await adapt('--with', all.join(','), '--json')).code).toBe(0);
  const before = written.map(read);
  expect(JSON.parse(before[0] ?? '')).toEqual({
    hooks: {
      WorktreeCreate: [{ hooks: [{ type: 'command', command: 'coppice hook claude create', timeout: 900 }] }],
      WorktreeRemove: [{ hooks: [{ type: 'command', command: 'coppice hook claude remove', timeout: 900 }] }],
    },
  });
  expect(JSON.parse(before[1] ?? '')).toEqual({ 'setup-worktree': ['coppice up'] });
  expect(before[2]).toContain('[setup]\nscript = "coppice up"\n');
  expect(before[3]).toContain('[post-start]\ncoppice = "coppice up"\n');
  expect(home.git(top, 'config', '-f', '.gtrconfig', 'hooks.preRemove')).toBe('coppice down');
  expect(JSON.parse(before[5] ?? '')).toEqual({ scripts: { setup: 'coppice up', archive: 'coppice down' } });
  const again = await adapt(...all.flatMap((tool) => ['--with', tool]));
  expect(again.code).toBe(0);
  expect(again.stdout.match(/^kept /gm)).toHaveLength(written.length);
  expect(written.map(read)).toEqual(before);
});

test('what is in the files stays, with comments, and only lines are added', async () => {
  home.write(top, {
    '.claude/settings.json':
      '{\n\t// ours\n\t"permissions": { "allow": ["Bash(ls:*)"] },\n\t"hooks": {\n\t\t"Stop": [] /* none */,\n\t},\n}\n',
    '.cursor/worktrees.json': '{ "setup-worktree-unix": ["npm ci"] }\n',
    '.codex/environments/environment.toml':
      "# a comment\nversion = 1\nname = \"x\"\n\n[setup]\nscript = '''\nnpm ci\n'''\n",
    '.config/wt.toml': '[post-start] # background\nserver = "npm run dev"\n\n[list]\nurl = "x"\n',
    '.gtrconfig': '# team\n[hooks]\n\tpostCreate = npm ci\n',
    'conductor.json': '{\n    "scripts": { "setup": "npm ci", "run": "npm start" }\n}\n',
    '.vscode/tasks.json':
      '{\n  // See https://go.microsoft.com/fwlink/?LinkId=733558\n  "version": "2.0.0",\n  "tasks": [\n    { "label": "lint", "type": "npm" }, // first\n  ],\n}\n',
    'AGENTS.md': '# Rules\n\nBe kind.\n',
  });
  const before = new Map(written.map((file) => [file, read(file)]));
  expect((await adapt('--with', all.join(','))).code).toBe(0);
  for (const [file, text] of before) {
    const now = read(file);
    const lost = (text.match(/[^\s,{}[\]"]+/g) ?? []).filter((word) => !now.includes(word));
    expect(lost, file).toEqual([]);
  }
  expect(read('.claude/settings.json')).toContain('\t\t"Stop": [] /* none */,\n');
  expect(read('.vscode/tasks.json')).toContain('{ "label": "lint", "type": "npm" }, // first\n');
  expect(JSON.parse(read('.cursor/worktrees.json'))).toEqual({
    'setup-worktree-unix': ['npm ci', 'coppice up'],
  });
  expect(read('.codex/environments/environment.toml')).toContain("npm ci\ncoppice up\n'''");
  expect(read('.config/wt.toml')).toContain(
    '[post-start] # background\ncoppice = "coppice up"\nserver = "npm run dev"',
  );
  expect(home.git(top, 'config', '-f', '.gtrconfig', '--get-all', 'hooks.postCreate')).toBe(
    'npm ci\ncoppice up',
  );
  expect(JSON.parse(read('conductor.json'))).toEqual({
    scripts: { setup: 'npm ci && coppice up', run: 'npm start', archive: 'coppice down' },
  });
  expect(read('AGENTS.md')).toMatch(/^# Rules\n\nBe kind\.\n\n<!-- coppice/);
  const now = written.map(read);
  expect((await adapt('--with', all.join(','))).code).toBe(0);
  expect(written.map(read)).toEqual(now);
});

test('the diff is shown, and without a yes nothing is written', async () => {
  const asked = await home.wt(top, ['init', '--with', 'cursor']);
  expect(asked).toMatchObject({ code: 2, stdout: '' });
  expect(asked.stderr).toContain('+++ .cursor/worktrees.json');
  expect(asked.stderr).toContain('coppice up');
  expect(asked.stderr).toContain('wt init --with cursor --yes');
  expect(existsSync(join(top, '.cursor'))).toBe(false);
  expect(existsSync(join(top, 'coppice.yaml'))).toBe(false);
});

test('a file that cannot be read stops everything, and one that only its author can extend is named', async () => {
  home.write(top, { '.claude/settings.json': '{ "hooks": ' });
  const broken = await adapt('--with', 'claude,cursor');
  expect(broken).toMatchObject({ code: 1 });
  expect(broken.stderr).toContain('.claude/settings.json is not JSON');
  expect(existsSync(join(top, '.cursor'))).toBe(false);
  home.write(top, { '.config/wt.toml': 'post-start = "npm run dev"\n' });
  const byHand = await adapt('--with', 'worktrunk,cursor');
  expect(byHand).toMatchObject({ code: 1 });
  expect(byHand.stdout).toContain('post-start of .config/wt.toml is no table');
  expect(read('.config/wt.toml')).toBe('post-start = "npm run dev"\n');
  expect(existsSync(join(top, '.cursor', 'worktrees.json'))).toBe(true);
  const unknown = await adapt('--with', 'clade');
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('claude');
});

test("another creator of Claude Code's worktrees stays the only one, and sessions bring the environment up", async () => {
  home.write(top, {
    '.claude/settings.json':
      '{"hooks": {"WorktreeCreate": [{"hooks": [{"type": "command", "command": "mine"}]}]}}',
  });
  expect((await adapt('--with', 'claude')).code).toBe(0);
  const { hooks } = JSON.parse(read('.claude/settings.json')) as { hooks: Record<string, unknown[]> };
  expect(hooks.WorktreeCreate).toHaveLength(1);
  expect(JSON.stringify(hooks.SessionStart)).toContain('coppice up');
  expect(hooks).not.toHaveProperty('WorktreeRemove');
});

test.each([
  ['claude', '.claude/settings.json', '{"hooks":[]}', 'hooks must be an object'],
  [
    'claude',
    '.claude/settings.json',
    '{"hooks":{"WorktreeCreate":{}}}',
    'hooks.WorktreeCreate must be an array',
  ],
  ['cursor', '.cursor/worktrees.json', '{"setup-worktree":3}', 'setup-worktree must be an array'],
  ['conductor', 'conductor.json', '{"scripts":{"setup":["a"]}}', 'scripts.setup must be text'],
  ['vscode', '.vscode/tasks.json', '{"version":"2.0.0","tasks":{}}', 'tasks must be an array'],
])(
  'what another program put where ours belongs is refused, not replaced: %s, %s %s',
  async (tool, file, text, why) => {
    home.write(top, { [file]: text });
    const { code, stderr } = await adapt('--with', tool);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(`${file}:1:\\d+: ${why}`) });
    expect(read(file)).toBe(text);
    expect(existsSync(join(top, 'AGENTS.md'))).toBe(false);
  },
);

test('the commands that are named are those that the files have', async () => {
  const { stdout } = await adapt('--with', all.join(','));
  const named = [...stdout.matchAll(/`(coppice [^`]+)`/g)].map(([, command]) => command ?? '');
  expect(named).toContain('coppice hook claude create');
  const files = written.map(read).join('\n');
  for (const command of named) expect(files).toContain(command);
  expect(stdout).not.toMatch(/runs `wt /);
});

test('the block for agents goes where they read, and a newer one takes the place of the older', async () => {
  home.write(top, { 'CLAUDE.md': '# Ours\n' });
  await adapt('--with', 'vscode');
  expect(existsSync(join(top, 'AGENTS.md'))).toBe(false);
  const whole = read('CLAUDE.md');
  home.write(top, { 'CLAUDE.md': `${whole.replace(/- `wt up`.*\n/, '- an old line\n')}\nAfter it.\n` });
  await adapt('--with', 'vscode');
  expect(read('CLAUDE.md')).toBe(`${whole}\nAfter it.\n`);
  rmSync(join(top, 'CLAUDE.md'));
  // worktrunk is called wt too.
  await adapt('--with', 'worktrunk');
  expect(read('AGENTS.md')).toContain('`coppice create BRANCH`');
});

test('in a repository of several apps each of them is brought up', async () => {
  const app = (name: string) =>
    `version: 1\nname: ${name}\nservices: { web: { image: nginx, command: "true" } }\n`;
  home.commit(top, { 'apps/a/coppice.yaml': app('one'), 'apps/b c/coppice.yaml': app('two') }, 'Add apps');
  await adapt('--with', 'cursor');
  expect(JSON.parse(read('.cursor/worktrees.json'))).toEqual({
    'setup-worktree': ["(cd apps/a && coppice up) && (cd 'apps/b c' && coppice up)"],
  });
});

/** As Claude Code runs the command of its settings. */
function hook(event: string, input: unknown) {
  const wt = join(packageRoot(), 'bin', 'wt');
  const env = { ...process.env, ...home.env };
  return spawnSync(process.execPath, [wt, 'hook', 'claude', event], {
    ...{ cwd: top, env, encoding: 'utf8' },
    input: typeof input === 'string' ? input : JSON.stringify(input),
  });
}

/** Standard error names the log of what goes on behind the hook; its report is the last thing in there. */
async function restOf(stderr: string): Promise<string> {
  const log = /in the background.*the log is (\S+)/.exec(stderr)?.[1] ?? '';
  const text = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  await until(() => /^ {2}try: /m.test(text()), { every: 50 });
  return text();
}

test('neither the hook `created` nor packages hold up the path: they follow behind it', async () => {
  const may = join(home.folder, 'may');
  const settings = join(home.folder, '.config/coppice');
  // Settings that are broken from then on end the `up` that follows at once.
  const breaks = `mkdir -p ${settings}; echo 'ports: 3' > ${settings}/config.yaml`;
  const waits = `until test -e ${may}; do sleep 0.1; done; echo done > ran; ${breaks}`;
  const spec = `version: 1\nname: shop\nhooks: { created: ${JSON.stringify(waits)} }\n`;
  home.commit(
    top,
    { 'coppice.yaml': spec, '.worktreeinclude': '.env\n', '.gitignore': '.env\nran\n' },
    'Hook',
  );
  home.write(top, { '.env': 'A=1\n' });
  // Allowed once, it runs in every worktree.
  home.write(home.folder, { may: '' });
  expect(await home.wt(top, ['create', 'first', '--no-up', '--yes'])).toMatchObject({ code: 0 });
  rmSync(may);
  rmSync(settings, { recursive: true });
  const { status, stdout, stderr } = hook('create', { cwd: top, name: 'feat-x' });
  const path = join(home.folder, 'shop.feat-x');
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: `${path}\n` });
  expect(readFileSync(join(path, '.env'), 'utf8')).toBe('A=1\n');
  // While that goes on, a second session is not held up either.
  const second = hook('create', { cwd: top, name: 'feat-x' });
  expect(second.stdout).toBe(`${path}\n`);
  expect(existsSync(join(path, 'ran'))).toBe(false);
  home.write(home.folder, { may: '' });
  expect(await restOf(stderr)).toContain('hook created ran');
  await restOf(second.stderr);
  expect(existsSync(join(path, 'ran'))).toBe(true);
});

test("Claude Code's hook makes the worktree, and prints its path and nothing else", () => {
  const event = { hook_event_name: 'WorktreeCreate', session_id: 'x', cwd: top, name: 'feat-x' };
  const { status, stdout, stderr } = hook('create', event);
  const path = join(home.folder, 'shop.feat-x');
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: `${path}\n` });
  expect(home.git(path, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('feat-x');
  // A session that is started again gets the same one.
  expect(hook('create', event)).toMatchObject({ status: 0, stdout: `${path}\n` });
  // The name of other versions.
  expect(hook('create', { cwd: top, worktree_name: 'feat-y' }).stdout).toBe(
    `${join(home.folder, 'shop.feat-y')}\n`,
  );
});

test("Claude Code's other hook deletes a worktree, and none whose work would be lost", () => {
  const path = hook('create', { cwd: top, name: 'feat-x' }).stdout.trim();
  home.write(path, { 'new.txt': 'not committed\n' });
  const refused = hook('remove', { cwd: top, worktree_path: path });
  expect(refused.status).not.toBe(0);
  expect(existsSync(join(path, 'new.txt')), refused.stderr).toBe(true);
  rmSync(join(path, 'new.txt'));
  const { status, stdout, stderr } = hook('remove', { cwd: top, worktree_path: path });
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' });
  expect(existsSync(path)).toBe(false);
});

test('an environment comes up behind the hook, which names the log', async () => {
  const spec = 'version: 1\nname: shop\nservices: { web: { image: nginx, command: "true", port: 80 } }\n';
  home.commit(top, { 'coppice.yaml': spec }, 'Add a spec');
  // Broken once the worktree is there, so that the `up` in the background ends at once.
  const settings = join(home.folder, '.config/coppice');
  const breaks = `#!/bin/sh\nmkdir -p ${settings}\necho 'ports: 3' > ${settings}/config.yaml\n`;
  writeFileSync(join(top, '.git/hooks/post-checkout'), breaks, { mode: 0o755 });
  const { status, stdout, stderr } = hook('create', { cwd: top, name: 'feat-x' });
  const path = join(home.folder, 'shop.feat-x');
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: `${path}\n` });
  expect(stderr).not.toContain('config.yaml');
  expect(await restOf(stderr)).toContain('config.yaml');
  // It is there already, and comes up no second time.
  rmSync(join(settings, 'config.yaml'));
  expect(hook('create', { cwd: top, name: 'feat-x' }).stderr).not.toContain('in the background');
});

test('an environment that does not come up leaves the worktree, and standard error says why', async () => {
  home.commit(top, { 'coppice.yaml': 'version: 1\nname: shop\nservices: 3\n' }, 'Add a spec with a mistake');
  const { status, stdout, stderr } = hook('create', { cwd: top, name: 'feat-x' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${join(home.folder, 'shop.feat-x')}\n` });
  expect(stderr).toContain('coppice.yaml');
  expect(await restOf(stderr)).toContain('its environment is not up');
});

test('input that is no event is refused without a path', () => {
  for (const input of ['', 'no json', '[]', '{"cwd": "/tmp"}', '{"name": ""}']) {
    const { status, stdout, stderr } = hook('create', input);
    expect({ status, stdout }, input).toEqual({ status: 2, stdout: '' });
    expect(stderr, input).toContain('error: ');
  }
  expect(hook('created', {}).stderr).toContain('wt hook claude create');
});
