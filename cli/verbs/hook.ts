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
    "For programs. `hook claude create` reads Claude Code's WorktreeCreate event from standard input, does what `wt create` does and prints the path of the worktree and nothing else. It does not wait for the environment, which comes up in the background: standard error names the log, or says why it cannot come up. `hook claude remove` reads WorktreeRemove and does what `wt delete` does, so it refuses where work would be lost.",
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

async function createForClaude(event: ClaudeEvent, ports: VerbPorts): Promise<Result> {
  const name = requireText(event.name ?? event.worktree_name, 'name');
  const { create } = await import('./create.ts');
  const { text, json } = await create.run([name], { up: false }, inFolder(event, ports));
  const made = json as CreateDocument;
  ports.screen.note(text);
  const isNew = made.created || made.hook.status === 'ran';
  if (isNew && made.hook.status !== 'failed') await bringUpLater(made.folder, ports);
  return { text: made.path, json: { path: made.path } };
}

/** What `wt create --json` prints. */
interface CreateDocument {
  readonly path: string;
  readonly folder: string;
  readonly created: boolean;
  readonly hook: { readonly status: string };
}

/** Not waited for: a first `up` may take longer than Claude Code lets a hook run, and it would have no worktree then. */
async function bringUpLater(folder: string, { screen, env }: VerbPorts): Promise<void> {
  const [{ findSpec }, { loadSpec }] = await Promise.all([
    import('../../config/spec/find.ts'),
    import('../../config/spec/load.ts'),
  ]);
  const file = await findSpec(folder).catch(() => undefined);
  if (file === undefined) return;
  try {
    await loadSpec(file);
  } catch (error) {
    screen.note(`its environment does not come up: ${messageOf(error)}`);
    return;
  }
  const { upDetached } = await import('../../app/environments/up-detached.ts');
  const log = await upDetached(folder, env);
  screen.note(`its environment comes up in the background, see \`wt status\` there; the log is ${log}`);
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
