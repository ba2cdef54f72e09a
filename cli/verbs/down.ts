import type { RemovedEnvironment, RemovedTemporal } from '../../app/environments/down.ts';
import type { EnvironmentName } from '../../app/target/target.ts';
import { verbLine } from '../../app/target/verb-line.ts';
import type { PurgedTelemetry } from '../../app/telemetry/purge.ts';
import { ExitCode } from '../../core/errors.ts';
import { counted } from '../../core/text/counted.ts';
import { duration } from '../../core/text/duration.ts';
import { flag, type Result, type VerbPorts, verb } from '../define.ts';
import { isFinished, telemetryLines } from '../ui/purged.ts';
import { finishRemovals } from './finish-removals.ts';
import { as, targetOf, whichEnvironment } from './target.ts';

export const down = verb({
  usage: 'down [environment]',
  summary: 'remove an environment',
  about: `Deletes its pods, routes and stack, and returns when nothing answers any more; the empty namespace may take some seconds longer. The worktree and its files stay. Removing what does not exist is fine. Refuses while workflows run in its Temporal namespace, which is deleted too. ${whichEnvironment} Ctrl+C finishes the current step; \`wt down\` continues from there.`,
  examples: [
    ['wt down', 'the environment of this worktree'],
    ['wt down feat-login', 'another one, even when its worktree is gone'],
    ['wt down feat-login --purge', 'and what it logged and measured, also when it is gone'],
  ],
  options: {
    as,
    force: flag('continue although workflows run: they are deleted with their namespace'),
    purge: flag(
      'delete its logs and metrics too, also of an environment that is gone; nothing brings them back',
    ),
  },
  run: async ([environment], { as, force, purge }, ports) => {
    const { down } = await import('../../app/environments/down.ts');
    const target = targetOf({ env: environment, as });
    const { name, removed, telemetry } = await down({ ...target, force, purge }, ports);
    await finishRemovals(ports);
    const done = removed === undefined ? notUpReport(name, ports) : report(name, removed, ports);
    return telemetry === undefined
      ? done
      : withTelemetry(done, telemetry, verbLine('down', target, '--purge'));
  },
});

function withTelemetry(done: Result, telemetry: PurgedTelemetry, again: string): Result {
  return {
    ...done,
    text: [done.text, ...telemetryLines(telemetry, again, '  telemetry ')].join('\n'),
    json: { ...(done.json as object), telemetry },
    ...(isFinished(telemetry) ? {} : { exitCode: ExitCode.problem }),
  };
}

function notUpReport({ app, slug, namespace }: EnvironmentName, { phases }: VerbPorts): Result {
  return {
    text: `${app}/${slug} is not up: there is nothing to remove`,
    json: { app, slug, namespace, removed: false, timings: phases.list },
  };
}

function report(
  { app, slug, namespace }: EnvironmentName,
  { seen, kept, temporal }: RemovedEnvironment,
  { phases }: VerbPorts,
): Result {
  const services = seen?.services.map(({ name }) => name) ?? [];
  const urls = seen?.urls.map(({ url }) => url) ?? [];
  const lines = [
    `removed ${app}/${slug} (${duration(phases.total)}): no part of it answers any more`,
    ...(services.length === 0 ? [] : [`  services  ${services.join(', ')}`]),
    ...(urls.length === 0 ? [] : [`  urls      ${urls.join(', ')}`]),
    ...(kept === undefined
      ? []
      : [`  database  ${kept.name}: kept for 72 hours, \`wt db undo\` brings it back`]),
    ...(temporal === undefined
      ? []
      : [`  temporal  ${temporal.inputs.temporal.namespace}: ${fateText(temporal)}`]),
    `  the namespace ${namespace} is empty and ends by itself; the worktree and its files stay`,
  ];
  return {
    text: lines.join('\n'),
    json: {
      app,
      slug,
      namespace,
      removed: true,
      services,
      urls,
      kept,
      temporal: temporal && temporalDocument(temporal),
      timings: phases.list,
    },
  };
}

function temporalDocument({ inputs, running, fate }: RemovedTemporal) {
  const { temporal, server } = inputs;
  return { namespace: temporal.namespace, server: server.kind, running, fate };
}

/**
 * What became of a Temporal namespace.
 *
 * @internal Exported for its test, which reads the text without a server.
 */
export function fateText({ inputs: { server }, running: found, fate }: RemovedTemporal): string {
  if (fate === 'gone') {
    const { count, schedules } = found.kind === 'counted' ? found : { count: 0, schedules: 0 };
    const lost = [
      ...(count === 0 ? [] : [counted(count, 'running workflow')]),
      ...(schedules === 0 ? [] : [counted(schedules, 'schedule')]),
    ];
    return lost.length === 0 ? 'gone' : `gone, with ${lost.join(' and ')}`;
  }
  const why = {
    stays: 'it still exists',
    left: found.kind === 'unknown' ? `left where it is, as it could not be examined (${found.why})` : '',
    unseen: 'its server no longer answers',
  }[fate];
  return server.kind === 'platform'
    ? `${why}; it is removed later, and \`wt doctor\` shows it until then`
    : `${why}; it may still be at ${server.address}, where it is not checked again`;
}
