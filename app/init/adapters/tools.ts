import { quote } from '../../../core/shell.ts';
import { type GitConfigEntry, withGitConfig } from './git-config-text.ts';
import { type Json, JsonText } from './json-text.ts';
import { parseToml, withScriptLine, withTomlKey } from './toml-text.ts';

/** What another tool's file becomes, or what its author has to write there by hand. */
export type Adapted = { readonly text: string } | { readonly byHand: string };

/** Where the environments of a repository are. */
export interface AdapterFacts {
  /** Name of the repository, for tools that want one. */
  readonly name: string;
  /** Folders with a coppice.yaml, relative to the top, `.` for the top itself. */
  readonly specFolders: readonly string[];
}

export interface Adapter {
  /** Its name for people. */
  readonly title: string;
  /** Relative to the top of the worktree. */
  readonly file: string;
  /** What the tool does from then on, with the commands that stand in the file; `text` is what is in it before. */
  readonly does: (facts: AdapterFacts, text: string) => string;
  /** `text` is '' where there is no file. Gives the same text back where all is there. Throws COPPICE_FOREIGN_FILE. */
  readonly adapt: (text: string, facts: AdapterFacts) => Adapted | Promise<Adapted>;
}

/** Not `wt`, which is the name of other tools too. */
const program = 'coppice';

/** A line for a shell that brings up, or down, every environment of the worktree it runs in. */
function line(verb: 'up' | 'down', { specFolders }: AdapterFacts): string {
  const below = specFolders.filter((folder) => folder !== '.');
  if (below.length === 0) return `${program} ${verb}`;
  const top = specFolders.includes('.') ? [`${program} ${verb}`] : [];
  return [...top, ...below.map((folder) => `(cd ${quote(folder, 'posix')} && ${program} ${verb})`)].join(
    ' && ',
  );
}

function has(value: unknown, verb: string): boolean {
  return JSON.stringify(value ?? null).includes(`${program} ${verb}`);
}

export const adapters = {
  claude: {
    title: 'Claude Code',
    file: '.claude/settings.json',
    does: (_, text) =>
      isClaudeTaken(text)
        ? `runs \`${program} up\` when a session starts, as another hook makes its worktrees`
        : `makes its worktrees by \`${claudeCreate}\`, as \`wt create\` does, and removes them by \`${claudeRemove}\``,
    adapt: (text) => ({ text: claudeHooks(text) }),
  },
  cursor: {
    title: 'Cursor',
    file: '.cursor/worktrees.json',
    does: (facts) => `runs \`${line('up', facts)}\` in each new worktree`,
    adapt: (text, facts) => cursorSetup(text, line('up', facts)),
  },
  codex: {
    title: 'Codex',
    file: '.codex/environments/environment.toml',
    does: (facts) =>
      `runs \`${line('up', facts)}\` in each new worktree, and \`${line('down', facts)}\` before it removes one`,
    adapt: codexEnvironment,
  },
  worktrunk: {
    title: 'worktrunk',
    file: '.config/wt.toml',
    does: (facts) =>
      `runs \`${line('up', facts)}\` after it has made a worktree, and \`${line('down', facts)}\` before it removes one`,
    adapt: worktrunkHooks,
  },
  gtr: {
    title: 'git-worktree-runner',
    file: '.gtrconfig',
    does: (facts) =>
      `runs \`${line('up', facts)}\` after it has made a worktree, and \`${line('down', facts)}\` before it removes one; it asks you to run \`git gtr trust\` first`,
    adapt: async (text, facts) => ({ text: await withGitConfig(text, gtrEntries(facts)) }),
  },
  conductor: {
    title: 'Conductor',
    file: 'conductor.json',
    does: (facts) =>
      `runs \`${line('up', facts)}\` in each new workspace, and \`${line('down', facts)}\` when it is archived`,
    adapt: (text, facts) => ({ text: conductorScripts(text, facts) }),
  },
  vscode: {
    title: 'VS Code',
    file: '.vscode/tasks.json',
    does: (facts) =>
      `runs \`${line('up', facts)}\` when it opens a worktree, once you have allowed automatic tasks`,
    adapt: (text, facts) => ({ text: vscodeTasks(text, facts) }),
  },
} as const satisfies Record<string, Adapter>;

export type ToolName = keyof typeof adapters;

/** Seconds for a hook that checks out, carries files, and waits for nothing else. */
const HOOK_SECONDS = 900;

/** Only one hook can make the worktree. Beside another one an environment comes up when a session starts. */
function claudeHooks(text: string): string {
  const { file } = adapters.claude;
  const hook = (command: string) => ({ hooks: [{ type: 'command', command, timeout: HOOK_SECONDS }] });
  let after = text;
  const add = (event: string, command: string) => {
    const json = new JsonText(after, file);
    if (!has(json.at(['hooks', event]), command.slice(program.length + 1)))
      after = json.withElement(['hooks', event], hook(command));
  };
  if (isClaudeTaken(text)) {
    add('SessionStart', `${program} up`);
    return after;
  }
  add('WorktreeCreate', claudeCreate);
  add('WorktreeRemove', claudeRemove);
  return after;
}

const claudeCreate = `${program} hook claude create`;
const claudeRemove = `${program} hook claude remove`;

function isClaudeTaken(text: string): boolean {
  const creators = new JsonText(text, adapters.claude.file).listAt(['hooks', 'WorktreeCreate']) ?? [];
  return creators.length > 0 && !has(creators, 'hook claude');
}

/** Lists of commands, one for all systems and one for each kind; a single text there names a script. */
function cursorSetup(text: string, up: string): Adapted {
  const { file } = adapters.cursor;
  const keys = ['setup-worktree', 'setup-worktree-unix'];
  let after = text;
  for (const key of keys) {
    const json = new JsonText(after, file);
    const now = json.at([key]);
    if (has(now, 'up')) continue;
    if (typeof now === 'string') return { byHand: `add \`${up}\` to ${now}, which ${key} of ${file} names` };
    if (json.listAt([key]) !== undefined) after = json.withElement([key], up);
  }
  const json = new JsonText(after, file);
  const isThere = keys.some((key) => json.listAt([key]) !== undefined);
  return { text: isThere ? after : json.with(['setup-worktree'], [up]) };
}

function conductorScripts(text: string, facts: AdapterFacts): string {
  const { file } = adapters.conductor;
  const steps = [
    ['setup', 'up', ' && '],
    // What another script left undone keeps no environment.
    ['archive', 'down', '; '],
  ] as const;
  let after = text;
  for (const [script, verb, joint] of steps) {
    const json = new JsonText(after, file);
    const now = json.textAt(['scripts', script]);
    if (has(now, verb)) continue;
    const own = line(verb, facts);
    const whole = now !== undefined && now.trim() !== '' ? `${now}${joint}${own}` : own;
    after = json.with(['scripts', script], whole);
  }
  return after;
}

function vscodeTasks(text: string, facts: AdapterFacts): string {
  const { file } = adapters.vscode;
  let after = text;
  const task = (verb: 'up' | 'down', rest: Readonly<Record<string, Json>>) => {
    const json = new JsonText(after, file);
    if (has(json.at(['tasks']), verb)) return;
    const ours = {
      label: `${program}: ${verb}`,
      type: 'shell',
      command: line(verb, facts),
      problemMatcher: [],
    };
    after = json.withElement(['tasks'], { ...ours, ...rest });
  };
  if (new JsonText(after, file).at(['version']) === undefined)
    after = new JsonText(after, file).with(['version'], '2.0.0');
  task('up', { presentation: { reveal: 'silent' }, runOptions: { runOn: 'folderOpen' } });
  task('down', {});
  return after;
}

function codexEnvironment(text: string, facts: AdapterFacts): Adapted {
  const { file } = adapters.codex;
  const scripts = [
    ['setup', 'up'],
    ['cleanup', 'down'],
  ] as const;
  let after = text === '' ? `version = 1\nname = ${JSON.stringify(facts.name)}\n` : text;
  for (const [table, verb] of scripts) {
    const now = parseToml(after, file)[table];
    const own = line(verb, facts);
    if (has(now, verb)) continue;
    const changed =
      (now as { readonly script?: unknown } | undefined)?.script === undefined
        ? withTomlKey(after, { table, key: 'script', value: own }, file)
        : withScriptLine(after, table, own, file);
    if (changed === undefined) return { byHand: `add \`${own}\` to script of [${table}] in ${file}` };
    after = changed;
  }
  return { text: after };
}

function worktrunkHooks(text: string, facts: AdapterFacts): Adapted {
  const { file } = adapters.worktrunk;
  const hooks = [
    ['post-start', 'up'],
    ['pre-remove', 'down'],
  ] as const;
  let after = text;
  for (const [table, verb] of hooks) {
    if (has(parseToml(after, file)[table], verb)) continue;
    const value = line(verb, facts);
    const changed = withTomlKey(after, { table, key: program, value }, file);
    if (changed === undefined)
      return {
        byHand: `${table} of ${file} is no table: make it one, with ${program} = ${JSON.stringify(value)} in it`,
      };
    after = changed;
  }
  return { text: after };
}

function gtrEntries(facts: AdapterFacts): GitConfigEntry[] {
  return [
    { key: 'hooks.postCreate', value: line('up', facts), unless: `${program} up` },
    { key: 'hooks.preRemove', value: line('down', facts), unless: `${program} down` },
  ];
}
