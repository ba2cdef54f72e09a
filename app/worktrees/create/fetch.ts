import type { Progress } from '../../../core/progress.ts';
import { until } from '../../../core/until.ts';
import { type GitResult, gitWith } from '../../../git/command.ts';
import { isLocked } from './locked.ts';
import type { Look } from './look.ts';

/** One reference of a remote, and where it is kept here. */
export interface Wanted {
  readonly remote: string;
  /** Full name there: `refs/heads/feat`. */
  readonly theirs: string;
  /** Full name here. */
  readonly ours: string;
}

export type Fetched =
  | { readonly kind: 'found' }
  /** The remote answered, and has no such reference. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreachable'; readonly why: string };

interface FetchLimits {
  /** Milliseconds. */
  readonly within: number;
  readonly signal: AbortSignal;
  /** Shows what is asked of which remote. */
  readonly screen: Progress;
}

/**
 * Fetches one reference and nothing else: no tags, no other branches, and no maintenance, which can take half a minute.
 * Asks for no password. Throws COPPICE_INTERRUPTED.
 */
export async function fetchRef(
  { main, config }: Look,
  { remote, theirs, ours }: Wanted,
  { within, signal, screen }: FetchLimits,
): Promise<Fetched> {
  const args = [
    ...['-c', 'maintenance.auto=false', '-c', 'gc.auto=0'],
    ...['fetch', '--quiet', '--no-tags', '--no-prune', '--no-recurse-submodules', '--no-write-fetch-head'],
    ...['--', remote, `+${theirs}:${ours}`],
  ];
  const task = screen.start(`ask ${remote} for ${theirs.replace(/^refs\/heads\//, '')}`);
  const options = { timeout: within, signal, env: withoutQuestions(config) };
  const result = await until(() => gitWith(main, options, ...args), {
    every: () => 20 + Math.random() * 200,
    within,
    signal,
    done: (tried) => !isLocked(tried),
  });
  const outcome = outcomeOf(result, within);
  task.done({ found: 'fetched', absent: 'it has none', unreachable: 'no answer' }[outcome.kind]);
  return outcome;
}

function outcomeOf({ code, stderr }: GitResult, within: number): Fetched {
  if (code === 0) return { kind: 'found' };
  if (/couldn't find remote ref/.test(stderr)) return { kind: 'absent' };
  const line =
    stderr.split('\n').find((text) => /^(fatal|error|ssh):/.test(text)) ?? stderr.trim().split('\n')[0];
  const late = `no answer within ${Math.round(within / 1000)} seconds`;
  return { kind: 'unreachable', why: line === undefined || line === '' ? late : line };
}

function withoutQuestions(config: Look['config']): NodeJS.ProcessEnv {
  const ssh = process.env.GIT_SSH_COMMAND ?? config.get('core.sshcommand') ?? process.env.GIT_SSH;
  return {
    GIT_TERMINAL_PROMPT: '0',
    ...(ssh === undefined && { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=10' }),
  };
}
