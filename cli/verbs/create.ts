import type { EnvironmentUp } from '../../app/environments/up.ts';
import type { CreatedWorktree } from '../../app/worktrees/create/making.ts';
import type { HookOutcome } from '../../app/worktrees/hooks/run.ts';
import { CoppiceError, ExitCode } from '../../core/errors.ts';
import { quote } from '../../core/shell.ts';
import { flag, optionalValue, type Result, type VerbPorts, value, verb } from '../define.ts';
import { filledLines } from '../ui/filled.ts';

export const create = verb({
  usage: 'create <branch> [prompt...]',
  summary: 'make a worktree for a branch, with its environment',
  about:
    'Makes a branch and its worktree, beside the main one, and brings its environment up where there is a coppice.yaml. The branch may exist here or at a remote (`origin/name`), be that of a pull request (`pr:12`, or its address), or be `-` for the worktree before this one. A new one begins at the default branch, or at its upstream where that is ahead. Nothing is fetched but the one branch. Where the branch has a worktree already, the shell goes there. Ctrl+C takes back what is not complete; after a kill the same command continues.',
  examples: [
    ['wt create feat/login', 'a new branch, in ../shop.feat-login'],
    ['wt create pr:12 --no-up', 'look at a pull request without bringing it up'],
    ['wt create fix --go claude -- fix the login', 'and start an agent there'],
  ],
  options: {
    from: value('ref', 'begin the new branch at this branch, tag or commit'),
    path: value('folder', 'make the worktree here instead of where `worktrees.path` of the settings says'),
    noUp: flag('do not bring its environment up'),
    yes: flag('allow the hooks, `setup:` and dump commands of coppice.yaml without asking'),
    go: optionalValue('agent', 'start this agent there, with the prompt after `--`'),
  },
  run: async ([name, ...prompt], { from, path, noUp, yes, go }, ports) => {
    requireSense(go !== undefined, prompt, ports);
    const agent = go === undefined ? undefined : await agentOf(go === true ? undefined : go, ports);
    const { createWorktree } = await import('../../app/worktrees/create/create.ts');
    const made = await createWorktree({ name, from, path, yes }, ports);
    const environment = await bringUp(made, { noUp, yes }, ports);
    if (agent === undefined || isFailed(made, environment)) return report(made, environment);
    ports.screen.close();
    ports.out(`${textOf(made, environment)}\n`);
    const { goWith } = await import('../../app/worktrees/go/go.ts');
    const code = await goWith(agent, made.folder, prompt.join(' '), ports);
    return { ...report(made, environment), text: '', exitCode: code === 0 ? ExitCode.ok : ExitCode.problem };
  },
});

function requireSense(go: boolean, prompt: readonly string[], { json }: VerbPorts): void {
  if (!go && prompt.length > 0) {
    throw new CoppiceError('COPPICE_USAGE', `a prompt needs an agent, and ${prompt.join(' ')} would be one`, {
      hint: 'start one with --go AGENT, or create one branch at a time',
    });
  }
  if (go && json) {
    throw new CoppiceError(
      'COPPICE_USAGE',
      '--go gives the terminal to an agent, and --json prints a document',
      {
        hint: 'create the worktree with --json, then start the agent in its folder',
      },
    );
  }
}

async function agentOf(name: string | undefined, { env }: VerbPorts) {
  const { agentFor } = await import('../../app/worktrees/go/agents.ts');
  return agentFor(name, env.PATH);
}

/** What became of the environment of a new worktree. */
type Environment =
  | { readonly state: 'up' | 'degraded'; readonly up: EnvironmentUp }
  | { readonly state: 'failed'; readonly error: unknown }
  /** Not asked for, without a coppice.yaml, or of a worktree that was there before with its hook. */
  | { readonly state: 'none' };

async function bringUp(
  { created, folder, hook }: CreatedWorktree,
  { noUp, yes }: { readonly noUp: boolean; readonly yes: boolean },
  ports: VerbPorts,
): Promise<Environment> {
  const isDone = !created && hook.status !== 'ran';
  if (noUp || isDone || hook.status === 'failed') return { state: 'none' };
  const { findSpec } = await import('../../config/spec/find.ts');
  if (!(await findSpec(folder).then(Boolean, () => false))) return { state: 'none' };
  try {
    const { up } = await import('../../app/environments/up.ts');
    const usual = { setup: false, refresh: false, dropDatabase: false, dropTemporal: false };
    const done = await up({ ...usual, yes }, { ...ports, cwd: folder });
    return { state: done.doubts.length > 0 ? 'degraded' : 'up', up: done };
  } catch (error) {
    return { state: 'failed', error };
  }
}

function isFailed({ hook }: CreatedWorktree, { state }: Environment): boolean {
  return state === 'failed' || hook.status === 'failed';
}

function report(made: CreatedWorktree, environment: Environment): Result {
  return {
    text: textOf(made, environment),
    json: documentOf(made, environment),
    exitCode:
      isFailed(made, environment) || environment.state === 'degraded' ? ExitCode.problem : ExitCode.ok,
    folder: made.folder,
  };
}

function textOf(made: CreatedWorktree, environment: Environment): string {
  const { branch, worktree, created, base, submodules, filled, hook, notes } = made;
  const from = base === undefined ? '' : `, from ${base.name} (${base.commit.slice(0, 8)})`;
  return [
    created ? `created the worktree of ${branch}${from}` : `${branch} has a worktree already`,
    `  ${worktree}`,
    ...(submodules.length === 0 ? [] : [`  submodules  ${submodules.join(', ')}`]),
    ...(filled === undefined ? [] : filledLines(filled).map((line) => `  ${line}`)),
    ...hookLines(hook),
    ...notes.map((note) => `  note: ${note}`),
    ...environmentLines(environment),
    '',
    `  try: ${nextOf(made, environment).join(', ')}`,
  ].join('\n');
}

function hookLines({ status, commands, reason, output = [], log }: HookOutcome): string[] {
  if (status === 'none') return [];
  if (status === 'ran') return [`  hook created ran: ${commands.join('; ')}`];
  if (status === 'skipped') return [`  hook created did not run, ${reason}: ${commands.join('; ')}`];
  return [
    `  hook created failed: ${reason}`,
    ...output.map((line) => `    | ${line}`),
    ...(log === undefined ? [] : [`    all of it is in ${log}`]),
  ];
}

function environmentLines(environment: Environment): string[] {
  if (environment.state === 'none') return [];
  if (environment.state === 'failed') {
    const { message, hint } = errorOf(environment.error);
    return [
      `  its environment is not up: ${message.split('\n').join('\n  ')}`,
      ...(hint === undefined ? [] : [`    ${hint}`]),
    ];
  }
  const { record, doubts } = environment.up;
  return [
    ...(doubts.length > 0
      ? ['  its environment answers, and is degraded:', ...doubts.map((doubt) => `    ${doubt}`)]
      : []),
    ...record.urls.map(({ service, url }) => `  ${service}  ${url}`),
  ];
}

function nextOf({ folder, hook }: CreatedWorktree, { state }: Environment): string[] {
  const there = `cd ${quote(folder, 'posix')}`;
  if (state === 'failed' || hook.status === 'failed') return [`${there} && wt up`];
  return state === 'none' ? [there] : [there, 'wt status', 'wt logs -f'];
}

function errorOf(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
} {
  if (!(error instanceof CoppiceError)) throw error;
  const { code, message, hint } = error;
  return { code, message, ...(hint !== undefined && { hint }) };
}

function documentOf(made: CreatedWorktree, environment: Environment) {
  const { worktree, folder, branch, created, base, submodules, filled, hook, notes } = made;
  return {
    path: worktree,
    folder,
    branch,
    created,
    base: base ?? null,
    submodules,
    carried: filled?.carried ?? null,
    dependencies: filled?.dependencies ?? null,
    hook,
    notes,
    environment: environmentDocument(environment),
  };
}

function environmentDocument(environment: Environment) {
  if (environment.state === 'none') return { state: 'none' };
  if (environment.state === 'failed') return { state: 'failed', error: errorOf(environment.error) };
  const { app, slug, urls } = environment.up.record;
  return { state: environment.state, app, slug, url: urls[0]?.url, urls };
}
