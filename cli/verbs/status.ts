import { connectCluster, reaching } from '../../app/clusters/connection.ts';
import { readStack } from '../../app/engine/stack-state.ts';
import { type ObservedEnvironment, type ObservedService, observe } from '../../app/environments/observe.ts';
import type { ObservedInstall } from '../../app/environments/observe-installs.ts';
import type { Command, Result } from '../../app/ports.ts';
import type { Target } from '../../app/target/target.ts';
import { type EnvironmentName, nameEnvironment } from '../../app/target/target.ts';
import { verbLine } from '../../app/target/verb-line.ts';
import type { TemporalStatus } from '../../app/workflows/observe.ts';
import { temporalOf } from '../../app/workflows/resource.ts';
import { CoppiceError, ExitCode } from '../../core/errors.ts';
import { age } from '../../core/text/duration.ts';
import { table } from '../ui/table.ts';
import { temporalDocument, temporalLines, withoutWorker } from '../ui/workers.ts';

/** What an environment consists of, each service with its state and why; exit code 1 unless all of it is ready. */
export const status: Command<Target> = async (target, ports) => {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  const resource = temporalOf(await readStack({ project: name.app, stack: name.slug }));
  const [seen, temporal] = await Promise.all([
    reaching(record, () => observe(kube, name.namespace, record.http.port)),
    // Only an environment with a namespace pays for gRPC.
    resource &&
      import('../../app/workflows/observe.ts').then(({ look }) => look(kube, record, resource, ports)),
  ]);
  if (!seen || seen.ending) return absent(name, seen !== undefined, target);
  return present(name, seen, temporal, target);
};

function absent({ app, slug, namespace }: EnvironmentName, ending: boolean, target: Target): Result {
  const what = ending
    ? `was removed; its namespace ${namespace} is ending`
    : `is not up: no namespace ${namespace}`;
  return {
    text: `${app}/${slug} ${what}\n  try: ${verbLine('up', target)}`,
    json: { app, slug, namespace, state: ending ? 'ending' : 'absent', services: [], urls: [] },
    exitCode: ExitCode.problem,
  };
}

function present(
  { app, slug, branch }: EnvironmentName,
  seen: ObservedEnvironment,
  temporal: TemporalStatus | undefined,
  target: Target,
): Result {
  const state = stateOf(seen);
  const gone = temporal?.kind === 'gone';
  // Who has been stopped polls nothing, as it should be.
  const waiting = temporal && state !== 'stopped' ? withoutWorker(temporal) : [];
  const ok = (state === 'up' || state === 'stopped') && waiting.length === 0 && !gone;
  const commit = seen.commit?.slice(0, 7);
  const sinceText = seen.created ? `, ${age(Date.now() - seen.created.getTime())} old` : '';
  const lines = [
    `${app}/${slug}: ${state}`,
    table(
      [
        ['namespace', seen.namespace + sinceText],
        ['branch', seen.branch ?? branch ?? 'unknown'],
        ['commit', commit ?? 'unknown'],
        ...(seen.worktree === undefined ? [] : [['worktree', seen.worktree]]),
      ],
      '  ',
    ),
    ...(seen.services.length === 0 ? [] : ['', table(seen.services.map(serviceLine), '  ')]),
    ...(seen.installs.length === 0 ? [] : ['', table(seen.installs.map(installLine), '  ')]),
    ...(temporal === undefined ? [] : ['', ...temporalLines(temporal)]),
    ...(seen.urls.length === 0
      ? []
      : [
          '',
          table(
            seen.urls.map(({ service, url }) => [service, url]),
            '  ',
          ),
        ]),
    ...advice(state, gone, waiting.length > 0, target).flatMap((text) => ['', `  try: ${text}`]),
  ];
  return {
    text: lines.join('\n'),
    json: {
      ...{ app, slug, state, ...seen, created: seen.created?.toISOString() },
      ...(temporal && { temporal: temporalDocument(temporal) }),
    },
    exitCode: ok ? ExitCode.ok : ExitCode.problem,
  };
}

type State = 'up' | 'stopped' | 'starting' | 'failing';

type Seen = Pick<ObservedEnvironment, 'stopped' | 'services' | 'installs'>;

export function stateOf({ stopped, services, installs }: Seen): State {
  if (stopped) return 'stopped';
  if (services.some(({ state }) => state === 'failing')) return 'failing';
  // Services start after what they need is installed, so there may be none yet.
  if (services.length === 0 && installs.some(({ state }) => state !== 'done')) return 'starting';
  // A service with `replicas: 0` wants no pods.
  return services.every(({ state, wanted }) => state === 'ready' || wanted === 0) ? 'up' : 'starting';
}

function serviceLine({ name, state, wanted, ready, reasons, age: since }: ObservedService): string[] {
  const why = reasons.join('; ') || (since === undefined ? '' : `for ${age(since)}`);
  return [name, state, `${ready}/${wanted}`, why];
}

function installLine({ name, state, volume, age: since }: ObservedInstall): string[] {
  return [`install for ${name}`, state, volume, since === undefined ? '' : `${age(since)} ago`];
}

/** What to do next, in the words of the same environment. */
function advice(state: State, gone: boolean, waiting: boolean, target: Target): string[] {
  const of = (verb: string) => verbLine(verb, target);
  const services: Readonly<Record<State, readonly string[]>> = {
    up: [],
    stopped: [of('start')],
    failing: [`${of('logs')}, then ${of('up')}`],
    starting: [`${of('status')} again, or ${of('up')}`],
  };
  return [
    ...services[state],
    ...(gone ? [`${of('up')}, which makes the Temporal namespace again`] : []),
    ...(waiting ? [`${of('workflows')}, and ${of('logs')}`] : []),
  ];
}

/** Throws COPPICE_NO_ENVIRONMENT unless the environment is there and not on its way out. */
export function requireEnvironment(
  { app, slug }: EnvironmentName,
  seen: ObservedEnvironment | undefined,
): asserts seen is ObservedEnvironment {
  if (seen && !seen.ending) return;
  throw new CoppiceError('COPPICE_NO_ENVIRONMENT', `${app}/${slug} is not up`, { hint: 'wt up' });
}
