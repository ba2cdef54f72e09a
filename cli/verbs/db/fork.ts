import { type Administered, onDatabase } from '../../../app/databases/administer.ts';
import { ownerFromGit } from '../../../app/databases/owner.ts';
import { consent } from '../../../app/databases/session-consent.ts';
import { forgetRecord } from '../../../app/environments/record.ts';
import type { Command, Ports } from '../../../app/ports.ts';
import { shown } from '../../../app/screen.ts';
import { type EnvironmentName, nameEnvironment } from '../../../app/target/target.ts';
import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import { databaseName, environmentName } from '../../../core/names.ts';
import { ownerOf } from '../../../core/owner.ts';
import { since } from '../../../core/text/duration.ts';
import {
  type Forked,
  type ForkRequest,
  forkDatabase,
  refuseWithChoices,
} from '../../../servers/postgres/clones/fork.ts';
import { presentClone, requireClone } from '../../../servers/postgres/clones/replace.ts';
import { keptText, made, replacedDocument } from '../../ui/clone-line.ts';
import type { Target } from '../../verb.ts';

export interface ForkArgs extends Target {
  /** The other environment: branch, slug or path. */
  readonly from: string | undefined;
  readonly endSessions: boolean;
  readonly lastSnapshot: boolean;
  /** Disconnects whoever is connected to the database that is replaced. */
  readonly force: boolean;
  readonly yes: boolean;
}

export const fork: Command<ForkArgs> = async (args, ports) => {
  const { from, force, yes, endSessions, lastSnapshot, ...target } = args;
  const source = await nameEnvironment({ environment: required(args) }, ports.cwd);
  return onDatabase(target, ports, async (administered) => {
    const { server, database, environment } = administered;
    const origin = databaseName(source.app, source.slug);
    const names = { of: environmentName(source.app, source.slug), into: nameOf(environment) };
    const sessions = choice(args);
    // Before anything is asked that would be for nothing.
    if (!force && !yes && sessions === 'refuse')
      await refuseWithChoices(server, origin, await requireClone(server, origin));
    const mayEnd = await mayReplace(administered, names, args, ports);
    const present = await presentClone(server, database);
    const owner = present ? ownerOf(present) : await ownerFromGit(target, environment, ports.cwd);
    // It may have other migrations than before: the next `up` has to look.
    await forgetRecord(environment.app, environment.slug);
    const forked = await shown(ports.screen, `copying the database of ${names.of}`, () =>
      forkDatabase(server, { from: origin, to: database, owner, sessions, force: mayEnd }),
    );
    return report(forked, names, environment);
  });
};

interface Names {
  readonly of: string;
  readonly into: string;
}

function required({ from, endSessions, lastSnapshot }: ForkArgs): string {
  const usage = (message: string) =>
    new CoppiceError('COPPICE_USAGE', message, {
      hint: 'wt db fork --from main',
      exitCode: ExitCode.usage,
    });
  if (from === undefined) throw usage('--from says whose database is copied');
  if (endSessions && lastSnapshot) throw usage('--end-sessions and --last-snapshot are two ways, take one');
  return from;
}

function choice({ endSessions, lastSnapshot }: ForkArgs): ForkRequest['sessions'] {
  if (endSessions) return 'end';
  return lastSnapshot ? 'last-snapshot' : 'refuse';
}

/** There is nothing to ask about where there is nothing yet. */
async function mayReplace(
  { server, database }: Administered,
  { of, into }: Names,
  { yes, force, from }: ForkArgs,
  ports: Ports,
): Promise<boolean> {
  if ((await presentClone(server, database)) === undefined) return true;
  return consent(
    server,
    {
      ...{ database, yes, force },
      question: `Replace the database of ${into} by a copy of that of ${of}?`,
      refusal: `the database of ${into} was not replaced`,
      hint: `wt db fork --from ${from} --force`,
    },
    ports,
  );
}

function nameOf({ app, slug }: EnvironmentName): string {
  return environmentName(app, slug);
}

function report(forked: Forked, { of, into }: Names, { app, slug }: EnvironmentName) {
  const { source } = forked;
  const was =
    source.kind === 'live'
      ? 'is now'
      : `was ${since(source.takenAt, Date.now())} ago (snapshot ${source.name})`;
  return {
    text: [
      `the database of ${into} is what that of ${of} ${was}: ${made(forked)}`,
      '  wt up runs the migrations that it lacks',
      ...(forked.kept ? [keptText(forked)] : []),
    ].join('\n'),
    json: { app, environment: slug, from: of, source, ...replacedDocument(forked) },
  };
}
