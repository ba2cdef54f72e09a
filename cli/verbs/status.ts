import type { Switched } from '../../app/environments/branch-now.ts';
import type { ObservedRoute, ObservedService } from '../../app/environments/observe.ts';
import type { ObservedInstall } from '../../app/environments/observe-installs.ts';
import { renamedFix, renamedWords } from '../../app/environments/renamed.ts';
import type {
  EnvironmentProblem,
  EnvironmentState,
  EnvironmentStatus,
} from '../../app/environments/status.ts';
import type { Target } from '../../app/target/target.ts';
import { verbLine } from '../../app/target/verb-line.ts';
import { ExitCode } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { age } from '../../core/text/duration.ts';
import type { StoredLine } from '../../servers/telemetry/logs.ts';
import { type Result, verb } from '../define.ts';
import { oneLine } from '../ui/logs/words.ts';
import { table, urlTable } from '../ui/table.ts';
import { as, targetOf, whichEnvironment } from './target.ts';

type Absent = Extract<EnvironmentStatus, { readonly kind: 'absent' | 'ending' }>;
type Present = Extract<EnvironmentStatus, { readonly kind: 'present' }>;
type WorkerWords = typeof import('../ui/workers.ts');

export const status = verb({
  usage: 'status [environment]',
  summary: 'namespace, services with their state and reason, workers, URLs, commit',
  about: `Changes nothing. Ends with 1 when the environment does not exist, something in it is not simply up (an older version answers, a service restarted in the last minutes, a route answers 5xx), its worktree is on another branch now or its folder was replaced or removed, its Temporal namespace is gone, its Temporal schedules are still paused after a stop, or workflows run on a task queue that no worker polls for them. ${whichEnvironment}`,
  examples: [
    ['wt status', 'the environment of this worktree'],
    ['wt status feat/login --json', 'another one, as JSON'],
  ],
  options: { as },
  run: async ([environment], { as }, ports) => {
    const { status } = await import('../../app/environments/status.ts');
    const target = targetOf({ env: environment, as });
    const found = await status(target, ports);
    if (found.kind !== 'present') return absentReport(found);
    const [words, { newestError }] = await Promise.all([
      import('../ui/workers.ts'),
      import('../../app/environments/newest-error.ts'),
    ]);
    const { namespace, created } = found.seen;
    const line = created && (await newestError(namespace, created));
    return environmentReport(found, target, words, line);
  },
});

/** @internal Exported for its test, which passes what was found. */
export function absentReport({
  kind,
  name: { app, slug, namespace, toBringUp = 'wt up' },
  ...others
}: Absent): Result {
  const what =
    kind === 'ending'
      ? `was removed; its namespace ${namespace} is ending`
      : `is not up: no namespace ${namespace}`;
  return {
    text: [`${app}/${slug} ${what}\n  try: ${toBringUp}`, ...switchedLines(others)].join('\n\n'),
    json: { app, slug, namespace, state: kind, services: [], urls: [], ...switchedDocument(others) },
    exitCode: ExitCode.problem,
  };
}

/** What a switch of the branch left: their pods see the folder, whatever is in it. */
function switchedLines({ switched, renamed }: Switched): string[] {
  return switched.map((name) => {
    const gone = renamed.find(({ app, slug }) => name === environmentName(app, slug));
    return gone === undefined
      ? `  ${name} was brought up from the same worktree: the files of the branch that it is on now run on its data\n  try: wt down ${name}, or switch back`
      : `  ${name} was brought up from the same worktree: ${renamedWords(gone)}\n  try: ${renamedFix(gone)}`;
  });
}

function switchedDocument({ switched, renamed }: Switched) {
  return {
    ...(switched.length > 0 && { switched }),
    ...(renamed.length > 0 && { renamed }),
  };
}

/** @internal Exported for its test, which passes what was found. */
export function environmentReport(
  found: Present,
  target: Target,
  words: WorkerWords,
  newest?: StoredLine,
): Result {
  const { name, state, seen, problems, changed, temporal } = found;
  const ok = (state === 'up' || state === 'stopped') && problems.length === 0;
  const { services, installs, urls } = seen;
  const sections = [
    [`${name.app}/${name.slug}: ${state}`, identityTable(found)],
    problems.map(({ kind, what, fix }) => `  ${what}\n  try: ${fix ?? remedy(kind, target)}`),
    changed.length === 0
      ? []
      : [`  changed since the last up: ${changed.join(', ')}\n  try: ${verbLine('up', target)}`],
    switchedLines(found),
    services.length === 0 ? [] : [table(services.map(serviceLine), '  ')],
    errorLines(services),
    newest === undefined ? [] : [newestLine(newest, target)],
    state === 'stopped' ? [] : routeLines(seen.routes, services),
    installs.length === 0 ? [] : [table(installs.map(installLine), '  ')],
    temporal === undefined ? [] : words.temporalLines(temporal),
    urls.length === 0 ? [] : [urlTable(urls)],
    ...advice(found, target).map((text) => [`  try: ${text}`]),
  ];
  return {
    text: sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
    json: {
      app: name.app,
      slug: name.slug,
      state,
      ...seen,
      ...(problems.length > 0 && { problems: problems.map(({ what }) => what) }),
      ...(changed.length > 0 && { changed }),
      ...switchedDocument(found),
      created: seen.created?.toISOString(),
      ...(temporal && { temporal: words.temporalDocument(temporal) }),
      ...(newest && { newestError: documentOf(newest) }),
    },
    exitCode: ok ? ExitCode.ok : ExitCode.problem,
  };
}

function remedy(kind: EnvironmentProblem['kind'], target: Target): string {
  const remedies: Readonly<Record<EnvironmentProblem['kind'], string>> = {
    branch: `${verbLine('down', target)}, or switch back`,
    folder: verbLine('up', target),
    schedules: verbLine('start', target),
    state: 'wt doctor, which says how it is mended',
    namespace: `${verbLine('up', target)}, which recreates it`,
    workers: `${verbLine('workflows', target)}, and ${verbLine('logs', target)}`,
  };
  return remedies[kind];
}

function identityTable({ name, seen }: Present): string {
  const { namespace, created, branch = name.branch ?? 'unknown', commit, worktree } = seen;
  const since = created ? `, ${age(Date.now() - created.getTime())} old` : '';
  const rows = [
    ['namespace', namespace + since],
    ['branch', branch],
    ['commit', commit?.slice(0, 7) ?? 'unknown'],
    ...(worktree === undefined ? [] : [['worktree', worktree]]),
  ];
  return table(rows, '  ');
}

function serviceLine({
  name,
  state,
  wanted,
  ready,
  reasons,
  restarts,
  age: since,
}: ObservedService): string[] {
  const runs = [
    ...(since === undefined ? [] : [`for ${age(since)}`]),
    ...(restarts === 0 ? [] : [restarts === 1 ? '1 restart' : `${restarts} restarts`]),
  ].join(', ');
  return [name, state, `${ready}/${wanted}`, reasons.join('; ') || runs];
}

/** What the processes themselves said, where something is wrong. */
function errorLines(services: readonly ObservedService[]): string[] {
  const said = services.flatMap(({ name, error }) => (error === undefined ? [] : [[`${name} says:`, error]]));
  return said.length === 0 ? [] : [table(said, '  ')];
}

/** The newest line of the log store that names an error. */
function newestLine(line: StoredLine, target: Target): string {
  const ago = age(Date.now() - Date.parse(line.time));
  return `  newest error, ${ago} ago: ${line.service}: ${oneLine(line.text, 160)}\n  try: ${verbLine('errors', target)}`;
}

function documentOf({ time, service, text, traceId }: StoredLine) {
  return { time, service, text, ...(traceId !== undefined && { traceId }) };
}

function routeLines(routes: readonly ObservedRoute[], services: readonly ObservedService[]): string[] {
  const settled = (name: string) =>
    services.some((service) => service.name === name && ['ready', 'degraded'].includes(service.state));
  return routes
    .filter(({ service, ready }) => !ready && settled(service))
    .map(({ url, status, reason }) => `  ${url} ${reason ?? `answers ${status}`}`);
}

function installLine({ name, state, volume, age: since }: ObservedInstall): string[] {
  return [`install for ${name}`, state, volume, since === undefined ? '' : `${age(since)} ago`];
}

/** What to do next, as commands for the same environment. */
function advice({ state, seen, problems }: Present, target: Target): string[] {
  const of = (verb: string, ...flags: string[]) => verbLine(verb, target, ...flags);
  const logs = seen.services
    .filter(({ state }) => state === 'failing' || state === 'degraded')
    .filter(({ age, ended }) => age !== undefined || ended)
    .map(({ name, ended }) => of(`logs ${name}`, ...(ended ? ['--previous'] : [])));
  const unready = seen.routes.filter(({ ready }) => !ready).map(({ service }) => of(`logs ${service}`));
  const [log] = [...logs, ...unready];
  const itself =
    problems.length > 0 && seen.services.every(({ state }) => state === 'ready') ? [] : [of('up')];
  const repair = log === undefined ? itself : [`${log}, then ${of('up')}`];
  const services: Readonly<Record<EnvironmentState, readonly string[]>> = {
    up: [],
    stopped: [of('start')],
    degraded: repair,
    failing: repair,
    starting: [`${of('status')} again, or ${of('up')}`],
  };
  return [...services[state]];
}
