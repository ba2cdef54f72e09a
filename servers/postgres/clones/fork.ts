import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import type { Owner } from '../../../core/owner.ts';
import { since } from '../../../core/text/duration.ts';
import { withServerLock } from '../connection/lock.ts';
import type { Server } from '../connection/server.ts';
import { foreignTo, inUseError, type OwnClients, refuseSessions, sessions } from '../connection/sessions.ts';
import { readMark } from '../marks/mark.ts';
import type { CloneMark } from '../marks/state.ts';
import {
  copyPrivately,
  forceHint,
  orDrop,
  type Replaced,
  snapshotsOf,
  whileAlone,
} from '../snapshots/snapshots.ts';
import { replaceDatabase, requireClone } from './replace.ts';

export interface ForkRequest {
  /** Database of another environment of the same app. */
  readonly from: string;
  readonly to: string;
  /** Of `to`. */
  readonly owner: Owner;
  /** What to do when `from` has sessions: refuse, disconnect them, or copy its last snapshot instead. */
  readonly sessions: 'refuse' | 'end' | 'last-snapshot';
  /** Disconnect the sessions of `to`, which is about to be replaced. */
  readonly force: boolean;
  /** Addresses of the own pods of both environments, whose sessions are disconnected in any case. */
  readonly own?: OwnClients;
}

export interface Forked extends Replaced {
  /** What was copied: the live database, or a snapshot taken at that time. */
  readonly source:
    | { readonly kind: 'live' }
    | { readonly kind: 'snapshot'; readonly name: string; readonly takenAt: string };
}

/**
 * Replaces a database with a copy of another environment's current one. The previous database becomes a
 * snapshot. Throws COPPICE_DATABASE_IN_USE with the sessions and the available choices, without waiting.
 */
export async function forkDatabase(server: Server, request: ForkRequest): Promise<Forked> {
  const { from, to, owner, force, own } = request;
  const live = await requireClone(server, from);
  refuseNonsense(request, live);
  if (request.sessions === 'refuse') await refuseWithChoices(server, from, live, own);
  if (!force) await refuseSessions(server, to, forceHint, own);
  return withServerLock(server, to, async () => {
    const { source, copy, content } = await copySource(server, request, live);
    const { database: by, cloned } = copy;
    return orDrop(server, by, async () => {
      const mark: CloneMark = {
        coppice: 1,
        kind: 'clone',
        ...cloned,
        createdAt: new Date().toISOString(),
        template: content.template,
        migrations: content.migrations,
        origin: { kind: 'fork', of: from },
        ...owner,
      };
      const kept = await replaceDatabase(server, {
        database: to,
        by,
        mark,
        reason: 'fork',
        end: force,
        own,
        hint: forceHint,
      });
      return { ...cloned, source, ...defined({ kept }) };
    });
  });
}

async function copySource(server: Server, request: ForkRequest, live: CloneMark) {
  const { from, to, sessions: choice, owner, own = [] } = request;
  const copy = (source: string) => copyPrivately(server, { from: source, lock: to, app: owner.app });
  if (choice === 'last-snapshot') {
    const { database, mark } = await lastSnapshot(server, from, live);
    const { name, takenAt } = mark;
    return {
      copy: await copy(database),
      content: mark,
      source: { kind: 'snapshot' as const, name, takenAt },
    };
  }
  const made = await whileAlone(server, { database: from, force: choice === 'end', own }, () => copy(from));
  return { copy: made, content: live, source: { kind: 'live' as const } };
}

async function lastSnapshot(server: Server, from: string, live: CloneMark) {
  const [last] = await snapshotsOf(server, from, live);
  if (last) return last;
  throw new CoppiceError('COPPICE_NO_SNAPSHOT', `database ${from} has no snapshot`, {
    hint: 'disconnect its programs with --end-sessions, or start from the template with `wt db reset`',
  });
}

/** Throws COPPICE_DATABASE_IN_USE with the sessions of `from` and the available choices. */
export async function refuseWithChoices(
  server: Server,
  from: string,
  live: CloneMark,
  own: OwnClients = [],
): Promise<void> {
  const found = foreignTo(own, await sessions(server, from));
  if (found.length === 0) return;
  const [last] = await snapshotsOf(server, from, live);
  const template = await readMark(server, live.template);
  const now = Date.now();
  const choices = [
    'disconnect them with --end-sessions (their pools reconnect)',
    ...(last
      ? [`copy the snapshot ${last.mark.name}, ${since(last.mark.takenAt, now)} old, with --last-snapshot`]
      : []),
    ...(template?.kind === 'template'
      ? [`start from the template, ${since(template.builtAt, now)} old, with \`wt db reset\``]
      : []),
  ];
  throw inUseError(from, found, choices.join('; or '));
}

function refuseNonsense({ from, to, owner }: ForkRequest, live: CloneMark): void {
  const why =
    from === to
      ? 'a database cannot be a fork of itself'
      : live.app === owner.app
        ? undefined
        : `database ${from} belongs to the app ${live.app}, not to ${owner.app}`;
  if (why === undefined) return;
  throw new CoppiceError('COPPICE_FORK', why, {
    hint: 'name another environment of this app, see `wt db list`',
  });
}
