import type { DatabaseFork, ForkOptions } from '../../../app/databases/fork.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { environmentName } from '../../../core/names.ts';
import { since } from '../../../core/text/duration.ts';
import { flag, type Result, value, verb } from '../../define.ts';
import { copyText, keptText, replacedDocument } from '../../ui/database-copy.ts';
import { targetOf, targetOptions } from '../target.ts';
import { force, keptFor72Hours, yes } from './options.ts';

export const fork = verb({
  usage: 'fork',
  summary: "a clone of another environment's live database",
  about: `Replaces this environment's database. ${keptFor72Hours} While a program is connected to the other database it refuses at once and offers two ways: --end-sessions disconnects it for a moment, --last-snapshot uses its latest snapshot instead. Asks first; without a terminal it needs --yes or, while this environment runs, --force.`,
  examples: [['wt db fork --from main --last-snapshot', 'without disturbing its programs']],
  options: {
    from: value('environment', 'branch, slug, path or app/slug of the other environment'),
    endSessions: flag('disconnect programs that are connected to the other database'),
    lastSnapshot: flag('use the latest snapshot of the other database'),
    force,
    yes,
    ...targetOptions,
  },
  run: async (_, { from, endSessions, lastSnapshot, force, yes, ...named }, ports) => {
    if (from === undefined) throw usageError('--from must name the environment whose database is copied');
    const sessions = sessionsChoice(endSessions, lastSnapshot);
    const { fork } = await import('../../../app/databases/fork.ts');
    return forkReport(await fork(targetOf(named), { from, sessions, force, yes }, ports), Date.now());
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
