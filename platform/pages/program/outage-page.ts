import { sentence } from '../../../resources/ready/sentence.ts';
import type { Outage, OutageState } from './outage.ts';
import type { Command, Fact, Page } from './page.ts';

/** Seconds: what starts is asked again at once, what waits for a person later. */
const patience: Readonly<Record<OutageState, { readonly retryAfter: number; readonly refresh?: number }>> = {
  starting: { retryAfter: 1, refresh: 2 },
  degraded: { retryAfter: 1, refresh: 2 },
  failing: { retryAfter: 5, refresh: 5 },
  unknown: { retryAfter: 5, refresh: 5 },
  ending: { retryAfter: 30 },
  stopped: { retryAfter: 30 },
  off: { retryAfter: 30 },
};

/** `detailed`: for somebody at this machine, who may see its paths and what a program printed. */
export function outagePage(outage: Outage, detailed: boolean): Page {
  const { environment, service, state, reason, error, exitCode, restarts, branch, worktree } = outage;
  const title = `${environment ?? 'the platform'}: ${sentence(service, reason)}`;
  const commands = commandsFor(outage);
  const inside = detailed ? { branch, worktree, lastError: error } : {};
  return {
    kind: state,
    status: 503,
    title,
    facts: [
      fact('state', state),
      ...(detailed
        ? [
            fact(state === 'starting' ? 'last line' : 'error', error),
            fact('branch', branch),
            fact('worktree', worktree),
          ]
        : []),
    ].flat(),
    commands,
    lists: [],
    json: {
      error: { code: 'COPPICE_NOT_READY', message: title, hint: `run \`${commands[0]?.line}\`` },
      environment,
      service,
      state,
      reason,
      exitCode,
      restarts,
      ...inside,
    },
    ...patience[state],
  };
}

function fact(name: string, value: string | undefined): Fact[] {
  return value === undefined ? [] : [{ name, value }];
}

function commandsFor({ environment, service, state, ended }: Outage): Command[] {
  if (environment === undefined)
    return [
      { line: 'wt platform status', why: 'what keeps it from being ready' },
      { line: 'wt platform up', why: 'brings it up' },
    ];
  const status = { line: `wt status ${environment}`, why: 'why, and all of its services' };
  const logs = {
    line: `wt logs ${service}${ended ? ' --previous' : ''} --env ${environment}`,
    why: 'what it printed',
  };
  const up = { line: 'wt up', why: 'in its worktree, once the cause is mended' };
  const start = { line: `wt start ${environment}`, why: 'brings its pods back' };
  const table: Readonly<Record<OutageState, Command[]>> = {
    stopped: [start],
    ending: [{ ...up, why: 'in its worktree, to have it again' }],
    // Only they look inside its pod.
    starting: [status, logs],
    degraded: [logs, status],
    failing: [logs, up, status],
    off: [{ ...up, why: 'in its worktree, with `replicas: 1` or more in coppice.yaml' }],
    unknown: [status, { line: 'wt doctor', why: 'looks at everything at once' }],
  };
  return table[state];
}
