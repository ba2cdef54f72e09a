import type { DatabaseFork, ForkOptions } from '../../../app/databases/fork.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { environmentName } from '../../../core/names.ts';
import { since } from '../../../core/text/duration.ts';
import { flag, type Result, value, verb } from '../../define.ts';
import { copyText, keptText, replacedDocument } from '../../ui/database-copy.ts';
import { targetOf, targetOptions } from '../target.ts';
import { answers, keptFor72Hours, ownServices } from './options.ts';

export const fork = verb({
  usage: 'fork',
  summary: "a clone of another environment's live database",
  about: `Replaces this environment's database. ${keptFor72Hours} ${ownServices} --last-snapshot copies the other database's latest snapshot instead, without disturbing it. Asks first; without a terminal it needs --yes or --force.`,
  examples: [['wt db fork --from main --last-snapshot', 'without disturbing its programs']],
  options: {
    from: value('environment', 'branch, slug, path or app/slug of the other environment'),
    lastSnapshot: flag('use the latest snapshot of the other database'),
    ...answers,
    ...targetOptions,
  },
  run: async (_, { from, endSessions, lastSnapshot, force, yes, ...named }, ports) => {
    if (from === undefined) throw usageError('--from must name the environment whose database is copied');
    const sessions = sessionsChoice(endSessions, lastSnapshot);
    const { fork } = await import('../../../app/databases/fork.ts');
    return forkReport(
      await fork(targetOf(named), { from, sessions, force, yes, endSessions }, ports),
      Date.now(),
    );
  },
});

function usageError(message: string): CoppiceError {
  return new CoppiceError('COPPICE_USAGE', message, {
    hint: 'wt db fork --from main',
  });
}

function sessionsChoice(end: boolean, lastSnapshot: boolean): ForkOptions['sessions'] {
  if (end && lastSnapshot) throw usageError('--end-sessions and --last-snapshot exclude each other');
  if (end) return 'end';
  return lastSnapshot ? 'last-snapshot' : 'refuse';
}

/**
 * `now` is in milliseconds since 1970.
 *
 * @internal Exported for its test, which reads the text without a server.
 */
export function forkReport({ environment, from, ...forked }: DatabaseFork, now: number): Result {
  const { app, slug } = environment;
  const { source } = forked;
  const state =
    source.kind === 'live' ? 'is now' : `was ${since(source.takenAt, now)} ago (snapshot ${source.name})`;
  return {
    text: [
      `the database of ${environmentName(app, slug)} is what that of ${from} ${state}: ${copyText(forked)}`,
      '  wt up runs the migrations that it lacks',
      ...(forked.kept ? [keptText(forked)] : []),
    ].join('\n'),
    json: { app, environment: slug, from, source, ...replacedDocument(forked) },
  };
}
