import type { Check } from '../../core/check.ts';
import { counted } from '../../core/text/counted.ts';
import { since } from '../../core/text/duration.ts';
import { leftoverText } from '../../core/text/sweep.ts';
import { type MarkedDatabase, markedAs } from '../../servers/postgres/databases.ts';
import { platformPlace } from '../../servers/postgres/place.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import type { PartSection } from '../context.ts';
import { leftoverCheck, sweepCommand, unknownEnvironmentsCheck } from '../leftover-check.ts';
import {
  type DatabaseLeftovers,
  findDatabaseLeftovers,
  orphanLeftover,
  templateLeftover,
} from './leftovers.ts';

/** What is on the platform's server, and what of it is no longer needed. Only a note if no spec has asked for one. */
export const databaseChecks: PartSection['checks'] = async (_, context) => {
  if (!context) return [{ name: 'databases', ok: true, detail: 'none: no coppice.yaml asked for one yet' }];
  const { kube, record, signal } = context;
  return withServer(kube, { server: platformPlace(record) }, signal, async (server) => {
    const now = new Date();
    return leftoverChecks(await findDatabaseLeftovers(server, context.environments, now), now.getTime());
  });
};

/** `now` is in milliseconds since 1970. */
export function leftoverChecks(
  { found, known, orphans, templates }: DatabaseLeftovers,
  now: number,
): Check[] {
  const clones = markedAs(found.databases, 'clone');
  // An expired snapshot is no fault: the next start of the platform removes it.
  const faults = orphans.filter(({ kind }) => kind !== 'snapshot');
  const over = orphans.length - faults.length;
  return [
    { name: 'databases', ok: true, detail: counted(clones.length, 'environment') },
    ...(known ? [] : [unknownEnvironmentsCheck('stacks, cluster or git')]),
    ...faults.map((orphan) => leftoverCheck(orphanLeftover(orphan))),
    snapshotCheck(found.databases, over, now),
    ...templates.map((template) => ({
      name: 'template',
      ok: true,
      detail: `${leftoverText(templateLeftover(template))} (${sweepCommand})`,
    })),
  ];
}

function snapshotCheck(databases: readonly MarkedDatabase[], over: number, now: number): Check {
  const taken = markedAs(databases, 'snapshot').map(({ mark }) => mark.takenAt);
  const [oldest] = taken.sort();
  const detail =
    oldest === undefined
      ? 'none'
      : `${taken.length}, the oldest ${since(oldest, now)} old${over === 0 ? '' : `; the time of ${over} is over (${sweepCommand})`}`;
  return { name: 'snapshots', ok: true, detail };
}
