import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { CoppiceError } from '../../../core/errors.ts';
import { isThere, readIfPresent, unlessAbsent, writeAtomic } from '../../../core/files.ts';
import { didYouMean } from '../../../core/suggest.ts';
import { difference } from '../../../core/text/difference.ts';
import { identify } from '../../../git/identity.ts';
import { confirm } from '../../consent/confirm.ts';
import type { Ports } from '../../ports.ts';
import { appsIn } from '../../target/specs.ts';
import { instructionFiles, instructions, withInstructions } from './instructions.ts';
import { type Adapter, type AdapterFacts, adapters, type ToolName } from './tools.ts';

/** A file of another tool. */
export interface AdaptedFile {
  /** Relative to the top of the worktree. */
  readonly file: string;
  readonly state: 'created' | 'changed' | 'unchanged' | 'by hand';
  /** What the tool does with it, or what its author has to write. */
  readonly what: string;
  /** Unified diff; '' without a change. */
  readonly diff: string;
}

export interface AdaptedTools {
  /** Absolute path of the top of the worktree. */
  readonly worktree: string;
  readonly files: readonly AdaptedFile[];
  /** There is a coppice.yaml for them to bring up. */
  readonly hasSpec: boolean;
}

interface Plan extends AdaptedFile {
  readonly after: string;
}

export interface AdaptRequest {
  readonly tools: readonly string[];
  readonly yes: boolean;
}

/**
 * Writes what other tools need to make and remove environments with their worktrees, and a block for agents. Shows the
 * diff and asks first. Nothing is written unless every file can be read. Throws COPPICE_USAGE for an unknown tool,
 * COPPICE_FOREIGN_FILE, COPPICE_NOT_CONFIRMED, and what git and writing throw.
 */
export async function adaptTools({ tools, yes }: AdaptRequest, ports: Ports): Promise<AdaptedTools> {
  const names = toolNames(tools);
  const { worktree, repository } = await identify(ports.cwd);
  const specs = await appsIn(worktree);
  const facts: AdapterFacts = {
    name: basename(repository) === '.git' ? basename(dirname(repository)) : basename(worktree),
    specFolders: specs.map(({ folder }) => relative(worktree, folder) || '.'),
  };
  const plans = await Promise.all([
    ...names.map((name) => planFile(worktree, adapters[name], facts)),
    planInstructions(worktree, names),
  ]);
  const changes = plans.filter(({ diff }) => diff !== '');
  if (changes.length > 0) {
    if (!yes) ports.screen.note(changes.map(({ diff }) => diff).join('\n'));
    const list = changes.map(({ file }) => file).join(', ');
    const hint = `wt init ${names.map((name) => `--with ${name}`).join(' ')} --yes`;
    await confirm({ question: `Write ${list}?`, yes, refusal: 'nothing was written', hint }, ports);
  }
  for (const { file, after } of changes) await write(join(worktree, file), after);
  const files = plans.map(({ after: _, ...file }) => file);
  return { worktree, files, hasSpec: specs.length > 0 };
}

/** Also several in one word: `claude,codex`. */
function toolNames(tools: readonly string[]): ToolName[] {
  const known = Object.keys(adapters) as ToolName[];
  const names = tools.flatMap((words) => words.split(',')).map((word) => word.trim());
  const found = [...new Set(names)].map((name) => {
    const tool = known.find((one) => one === name);
    if (tool !== undefined) return tool;
    throw new CoppiceError('COPPICE_USAGE', `no adapter for "${name}"`, {
      hint: didYouMean(name, known, 'tools'),
    });
  });
  return found;
}

async function planFile(worktree: string, adapter: Adapter, facts: AdapterFacts): Promise<Plan> {
  const { file, title, does } = adapter;
  const before = await readIfPresent(join(worktree, file));
  const adapted = await adapter.adapt(before ?? '', facts);
  if ('byHand' in adapted)
    return { file, state: 'by hand', what: `${title}: ${adapted.byHand}`, diff: '', after: before ?? '' };
  return planned(file, before, adapted.text, `${title} ${does(facts, before ?? '')}`);
}

/** `wt` is worktrunk's name too: where that is used, agents get the other one. */
async function planInstructions(worktree: string, tools: readonly ToolName[]): Promise<Plan> {
  const found = await Promise.all(instructionFiles.map((name) => isThere(join(worktree, name))));
  const only = tools.length === 1 && tools[0] === 'claude' ? 'CLAUDE.md' : 'AGENTS.md';
  const file = instructionFiles.find((_, at) => found[at]) ?? only;
  const isWorktrunk = tools.includes('worktrunk') || (await isThere(join(worktree, adapters.worktrunk.file)));
  const before = await readIfPresent(join(worktree, file));
  const after = withInstructions(before ?? '', instructions(isWorktrunk ? 'coppice' : 'wt'));
  return planned(file, before, after, 'agents learn the verbs');
}

function planned(file: string, before: string | undefined, after: string, what: string): Plan {
  const state = before === undefined ? 'created' : before === after ? 'unchanged' : 'changed';
  return { file, state, what, diff: before === after ? '' : difference(file, before, after), after };
}

/** With the mode that it has, and with the owner of the worktree for sudo. */
async function write(file: string, text: string): Promise<void> {
  const found = await unlessAbsent(stat(file));
  await writeAtomic(file, text, found === undefined ? 0o666 & ~process.umask() : found.mode & 0o777);
}
