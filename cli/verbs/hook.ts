import { text as readText } from 'node:stream/consumers';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { type Result, type VerbPorts, verb } from '../define.ts';

/** https://docs.claude.com/en/docs/claude-code/hooks: one JSON object on standard input. */
interface ClaudeEvent {
  /** Absolute path of the folder that the session was started in. */
  readonly cwd?: unknown;
  /** Of `WorktreeCreate`. */
  readonly name?: unknown;
  /** The same in other versions. */
  readonly worktree_name?: unknown;
  /** Of `WorktreeRemove`. */
  readonly worktree_path?: unknown;
}

export const hook = verb({
  usage: 'hook <tool> <event>',
  summary: 'answer a hook of another tool (`wt init --with` writes the line)',
  about:
    "For programs. `hook claude create` reads Claude Code's WorktreeCreate event from standard input, makes the worktree as `wt create` does, with the carried files, and prints its path and nothing else. Packages, the hook `created` and the environment follow in the background: standard error names the log, or says why the environment cannot come up. `hook claude remove` reads WorktreeRemove and does what `wt delete` does, so it refuses where work would be lost.",
  examples: [
    ['echo \'{"name": "fix", "cwd": "\'$PWD\'"}\' | wt hook claude create', 'what Claude Code does'],
  ],
  run: async ([tool, event], _, ports) => {
    const answer = tool === 'claude' ? answers[event as keyof typeof answers] : undefined;
    if (answer === undefined) {
      throw new CoppiceError('COPPICE_USAGE', `there is no hook ${tool} ${event}`, {
        hint: 'wt hook claude create, or wt hook claude remove',
      });
    }
    return answer(await readEvent(ports), ports);
  },
});

const answers = { create: createForClaude, remove: removeForClaude };

async function readEvent({ streams }: VerbPorts): Promise<ClaudeEvent> {
  const text = await readText(streams.stdin);
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event === 'object' && event !== null) return event;
  } catch {
    // Reported below.
  }
  throw new CoppiceError('COPPICE_USAGE', 'standard input has no JSON object', {
    hint: 'this verb is for the hooks that `wt init --with claude` writes',
  });
}

/** Claude Code has no worktree until this ends, and gives it up after a time: what may take long is not waited for. */
async function createForClaude(event: ClaudeEvent, ports: VerbPorts): Promise<Result> {
  const name = requireText(event.name ?? event.worktree_name, 'name');
  const here = inFolder(event, ports);
  const { createWorktree } = await import('../../app/worktrees/create/create.ts');
  const made = await createWorktree({ name, yes: false, restLater: true }, here);
  const { worktree: path, branch, created, notes } = made;
  const { screen } = ports;
  screen.note(`${created ? 'created the worktree of' : 'there was a worktree already of'} ${branch}`);
  for (const note of notes) screen.note(`note: ${note}`);
  if (made.hasRest) {
    const problem = await specProblem(made.folder);
    if (problem !== undefined) screen.note(`its environment does not come up: ${problem}`);
    const { finishDetached } = await import('../../app/worktrees/create/finish-detached.ts');
    const log = await finishDetached(made, here);
    screen.note(
      `packages, the hook and the environment follow in the background, see \`wt status\` there; the log is ${log}`,
    );
  }
  return { text: path, json: { path } };
}

/** What is wrong with coppice.yaml; undefined where there is none. */
async function specProblem(folder: string): Promise<string | undefined> {
  const [{ findSpec }, { loadSpec }] = await Promise.all([
    import('../../config/spec/find.ts'),
    import('../../config/spec/load.ts'),
  ]);
  const file = await findSpec(folder).catch(() => undefined);
  if (file === undefined) return undefined;
  return loadSpec(file).then(() => undefined, messageOf);
}

async function removeForClaude(event: ClaudeEvent, ports: VerbPorts): Promise<Result> {
  const path = requireText(event.worktree_path, 'worktree_path');
  const { deleteVerb } = await import('./delete.ts');
  const { text, json, exitCode = 0 } = await deleteVerb.run([path], {}, inFolder(event, ports));
  ports.screen.note(text);
  return { text: '', json, exitCode };
}

function inFolder({ cwd }: ClaudeEvent, ports: VerbPorts): VerbPorts {
  return typeof cwd === 'string' ? { ...ports, cwd } : ports;
}

function requireText(value: unknown, key: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new CoppiceError('COPPICE_USAGE', `the event has no ${key}`, {
    hint: 'it may be one of another version; `wt create` and `wt delete` do the same by hand',
  });
}
