import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findSpec } from '../../../config/spec/find.ts';
import type { HookEvent, Spec } from '../../../config/spec/schema/spec.ts';
import { defined } from '../../../core/defined.ts';
import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { isThere, writeAtomic } from '../../../core/files.ts';
import { sha256 } from '../../../core/hash.ts';
import { interruptible } from '../../../core/interrupts.ts';
import { primaryHost, slugOf } from '../../../core/names.ts';
import { paths } from '../../../core/paths.ts';
import { repositoryKey } from '../../../core/state/moved-repositories.ts';
import { defaultBranch } from '../../../git/branches.ts';
import { withoutGitVariables } from '../../../git/command.ts';
import type { Ports } from '../../ports.ts';
import { type HookApp, type HookContext, hookDocument, hookVariables } from './context.ts';

/** What became of the hook of one event. */
export interface HookOutcome {
  /**
   * `none`: coppice.yaml has no such hook, or there is none; `ran`: every command ended with 0; `failed`: one did not, or
   * coppice.yaml cannot be read, and the rest did not run; `skipped`: not allowed, so nothing ran.
   */
  readonly status: 'none' | 'ran' | 'failed' | 'skipped';
  readonly commands: readonly string[];
  /** Why it failed or was skipped, one line. */
  readonly reason?: string;
  /** The last lines of the command that failed. */
  readonly output?: readonly string[];
  /** Absolute path of the file with all that the commands printed. */
  readonly log?: string;
}

/** How many lines of a hook that failed are shown. */
const SHOWN = 20;

/**
 * Runs the commands that `hooks:` of coppice.yaml names for an event, one after another, after asking once for the text
 * of each. What they do wrong is an outcome and no error: a worktree is not less there. Throws COPPICE_INTERRUPTED, once
 * every process of the command has ended.
 */
export async function runHooks(
  event: HookEvent,
  context: HookContext,
  { yes }: { readonly yes: boolean },
  ports: Ports,
): Promise<HookOutcome> {
  const folder = await folderOf(context);
  const found = folder === undefined ? undefined : await hooksIn(folder, event, context);
  if (folder === undefined || found === undefined) return { status: 'none', commands: [] };
  if ('reason' in found) return { status: 'failed', commands: [], ...found };
  const { commands } = found;
  const { allow, digest } = await import('../../consent/allowed-commands.ts');
  const key = repositoryKey(context.repository);
  const texts = commands.map((command) => digest(key, 'hook', command));
  if (!(await allow({ commands, texts }, yes, ports))) {
    return { status: 'skipped', commands, reason: 'not allowed; --yes allows it without asking' };
  }
  return runAll({ event, context: await withOrigin(context), folder, ...found }, ports);
}

/** What `created` knew of the branch, later hooks get too. */
async function withOrigin(context: HookContext): Promise<HookContext> {
  const { rememberedBase } = await import('./base.ts');
  const base = context.base ?? (await rememberedBase(context));
  // A repository that cannot say is no reason to leave a teardown out.
  const usual = context.defaultBranch ?? (await defaultBranch(context.repository).catch(() => undefined));
  return { ...context, ...defined({ base, defaultBranch: usual }) };
}

async function folderOf({ folder, worktree, main }: HookContext): Promise<string | undefined> {
  for (const at of [folder, worktree, main]) if (at !== undefined && (await isThere(at))) return at;
  return undefined;
}

/** The commands of a hook, and what the rest of coppice.yaml says to it. */
interface Hooks {
  readonly commands: readonly string[];
  readonly app: HookApp;
}

/**
 * Undefined without such a hook. A file that does not even have the word is not checked, as that takes long; what YAML
 * cannot read may have lost it, though.
 */
async function hooksIn(
  folder: string,
  event: HookEvent,
  context: HookContext,
): Promise<Hooks | Required<Pick<HookOutcome, 'reason' | 'output'>> | undefined> {
  try {
    const file = await findSpec(folder);
    const text = await readFile(file, 'utf8');
    if (!text.includes('hooks') && (await isReadable(text))) return undefined;
    const { loadSpec } = await import('../../../config/spec/load.ts');
    const { spec } = await loadSpec(file);
    const named = spec.hooks?.[event];
    if (named === undefined) return undefined;
    return {
      commands: [named].flat(),
      app: { app: spec.name, ...defined({ url: await urlOf(spec, context) }) },
    };
  } catch (error) {
    if (hasCode(error, 'COPPICE_NO_SPEC')) return undefined;
    if (error instanceof CoppiceError)
      return { reason: 'it did not run, as coppice.yaml has mistakes', output: messageOf(error).split('\n') };
    if (hasCode(error, 'EACCES', 'EPERM', 'EISDIR', 'EIO', 'ELOOP'))
      return { reason: 'it did not run, as coppice.yaml cannot be read', output: [messageOf(error)] };
    throw error;
  }
}

/** Whether a text is a map in YAML: an empty file, or half of one, says nothing of its hooks. */
async function isReadable(text: string): Promise<boolean> {
  const { isYamlMap } = await import('../../../config/yaml/parse.ts');
  return isYamlMap(text);
}

async function urlOf(spec: Spec, { branch }: HookContext): Promise<string | undefined> {
  const { primaryService } = await import('../../../config/spec/primary-service.ts');
  if (primaryService(spec.services) === undefined) return undefined;
  const { loadSettings } = await import('../../../config/settings/settings.ts');
  const { http } = (await loadSettings()).ports;
  return `http://${primaryHost(spec.name, slugOf(branch), spec.host)}${http === 80 ? '' : `:${http}`}/`;
}

interface Running extends Hooks {
  readonly event: HookEvent;
  readonly context: HookContext;
  readonly folder: string;
}

async function runAll(hooks: Running, ports: Ports): Promise<HookOutcome> {
  const { event, context, folder, commands } = hooks;
  const document = hookDocument(event, context, hooks.app);
  const base = join(paths().logs, `hook-${event}-${document.slug}-${sha256(context.worktree, 8)}`);
  const [log, input] = [`${base}.txt`, `${base}.json`];
  await mkdir(paths().logs, { recursive: true, mode: 0o700 });
  await writeAtomic(input, `${JSON.stringify(document)}\n`);
  const env = { ...withoutGitVariables(ports.env), ...hookVariables(document) };
  for (const command of commands) {
    const problem = await runOne({ event, command, folder, log, input, env }, ports);
    if (problem !== undefined) return { status: 'failed', commands, log, ...problem };
  }
  return { status: 'ran', commands, log };
}

interface OneHook {
  readonly event: HookEvent;
  readonly command: string;
  readonly folder: string;
  readonly log: string;
  readonly input: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Undefined when it ended well. */
async function runOne(
  { event, ...asked }: OneHook,
  ports: Ports,
): Promise<Required<Pick<HookOutcome, 'reason' | 'output'>> | undefined> {
  const { lastLines, runLogged } = await import('../../environments/logged-command.ts');
  const { loadSettings } = await import('../../../config/settings/settings.ts');
  const minutes = (await loadSettings()).worktrees.hookMinutes;
  const task = ports.screen.start(`hook ${event}: ${firstLine(asked.command)}`);
  try {
    const ended = await interruptible(ports.interrupts, (signal) =>
      runLogged({ ...asked, signal, within: minutes * 60_000, onLine: (line) => task.update(line) }),
    );
    if (ended === 0) return void task.done();
    const how = ended === 'late' ? `was ended after ${minutes} minutes` : `ended with exit code ${ended}`;
    task.fail(how);
    return { reason: `\`${firstLine(asked.command)}\` ${how}`, output: await lastLines(asked.log, SHOWN) };
  } catch (error) {
    task.fail(hasCode(error, 'COPPICE_INTERRUPTED') ? 'interrupted' : messageOf(error));
    throw error;
  }
}

function firstLine(text: string): string {
  const [first = '', ...more] = text.trim().split('\n');
  return more.length === 0 ? first : `${first} …`;
}
