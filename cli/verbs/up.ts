import type { EnvironmentRecord } from '../../app/environments/record.ts';
import type { EnvironmentUp } from '../../app/environments/up.ts';
import type { Target } from '../../app/target/target.ts';
import { verbLine } from '../../app/target/verb-line.ts';
import { ExitCode } from '../../core/errors.ts';
import { duration } from '../../core/text/duration.ts';
import { flag, type Result, type VerbPorts, verb } from '../define.ts';
import { urlTable } from '../ui/table.ts';
import { phasesLine } from '../ui/timings.ts';
import { finishRemovals } from './finish-removals.ts';
import { as, targetOf, whichEnvironment } from './target.ts';

export const up = verb({
  usage: 'up [environment]',
  summary: 'bring an environment up, with everything it needs',
  about: `Starts what is missing (programs, cluster, platform) and makes the environment match coppice.yaml. When nothing changed and everything answers, it reports that in less than half a second. ${whichEnvironment} Ctrl+C finishes the current step; what was created stays, \`wt up\` continues from there and \`wt down\` removes it.`,
  examples: [
    ['wt up', 'the environment of this worktree'],
    ['wt up feat/login', 'the worktree that has this branch'],
    ['wt up --as demo', 'under another name: http://demo.<app>.localhost/'],
  ],
  options: {
    as,
    yes: flag('run the `setup:` and dump commands of coppice.yaml without asking'),
    setup: flag('run the `setup:` commands again, even where their result is there'),
    refresh: flag('compare with the cluster even when everything seems to be up'),
    dropDatabase: flag(
      'delete the database when coppice.yaml no longer has one, or has one on another server',
    ),
    dropTemporal: flag(
      'delete the Temporal namespace, with its running workflows, when coppice.yaml no longer has one, or has one on another server',
    ),
  },
  run: async ([environment], { as, ...options }, ports) => {
    const { up } = await import('../../app/environments/up.ts');
    const target = targetOf({ env: environment, as });
    const result = await up({ ...target, ...options }, ports);
    await finishRemovals(ports);
    return report(result, target, ports);
  },
});

function report(
  { record, unchanged, changes, doubts }: EnvironmentUp,
  target: Target,
  ports: VerbPorts,
): Result {
  const usual = unchanged ? unchangedText(record, ports) : changedText(record, target, ports);
  return {
    text: doubts.length > 0 ? degradedText(record, doubts, target) : usual,
    json: {
      ...document(record, unchanged, changes, ports),
      state: doubts.length > 0 ? 'degraded' : 'up',
      doubts,
    },
    exitCode: doubts.length > 0 ? ExitCode.problem : ExitCode.ok,
  };
}

function degradedText(record: EnvironmentRecord, doubts: readonly string[], target: Target): string {
  const { app, slug } = record;
  const service = /^[\w-]+/.exec(doubts[0] ?? '')?.[0] ?? '';
  return [
    `${app}/${slug} answers, and is degraded:`,
    ...doubts.map((doubt) => `  ${doubt}`),
    urlLines(record),
    `  try: ${verbLine(['logs', service], target, '--previous')}`,
  ].join('\n');
}

function unchangedText(record: EnvironmentRecord, { phases }: VerbPorts): string {
  const { app, slug } = record;
  return [`all up: ${app}/${slug}, nothing changed (${duration(phases.total)})`, urlLines(record)].join('\n');
}

function changedText(record: EnvironmentRecord, target: Target, { phases, timings }: VerbPorts): string {
  const { app, slug } = record;
  const of = (verb: string, ...flags: string[]) => verbLine(verb, target, ...flags);
  return [
    `${app}/${slug} is up (${duration(phases.total)})`,
    urlLines(record),
    '',
    ...(timings ? [] : [`  ${phasesLine(phases)}`]),
    `  try: ${of('status')}, ${of('logs', '-f')}; after an edit that nothing watches: ${of('restart SERVICE')}`,
  ].join('\n');
}

function urlLines({ urls }: EnvironmentRecord): string {
  return urls.length === 0 ? '  none of its services has a port, so there is no URL' : urlTable(urls);
}

function document(
  { app, slug, branch, worktree, commit, ready, urls }: EnvironmentRecord,
  unchanged: boolean,
  changes: EnvironmentUp['changes'],
  { phases }: VerbPorts,
) {
  return {
    app,
    slug,
    namespace: ready.namespace,
    branch,
    worktree,
    commit,
    url: urls[0]?.url,
    urls,
    unchanged,
    changes,
    timings: phases.list,
  };
}
