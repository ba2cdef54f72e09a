import { type Administered, onDatabase } from '../../../app/databases/administer.ts';
import { repositoryOf } from '../../../app/databases/owner.ts';
import type { Command, Ports, Result } from '../../../app/ports.ts';
import { shown } from '../../../app/screen.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { environmentName } from '../../../core/names.ts';
import { removeSnapshot, takeSnapshot } from '../../../servers/postgres/snapshots/snapshots.ts';
import { made } from '../../ui/clone-line.ts';
import type { Target } from '../../verb.ts';

export interface SnapshotArgs extends Target {
  readonly name: string;
  /** Disconnects whoever is connected. */
  readonly force: boolean;
  /** Removes the one of this name instead. */
  readonly remove: boolean;
}

export const snapshot: Command<SnapshotArgs> = ({ name, force, remove, ...target }, ports) =>
  onDatabase(target, ports, (administered) =>
    remove
      ? removed(administered, name, ports)
      : shown(ports.screen, `snapshot ${name}`, () => taken(administered, name, force)),
  );

async function taken({ server, database, environment }: Administered, name: string, force: boolean) {
  const { app, slug } = environment;
  const { strategy, milliseconds, mark } = await takeSnapshot(server, { database, name, force });
  return {
    text: `snapshot ${name} of ${environmentName(app, slug)}: ${made({ strategy, milliseconds })}\n  wt db restore ${name} brings it back`,
    json: {
      ...{ app, environment: slug, database, name, takenAt: mark.takenAt, strategy, milliseconds },
      sharesBlocks: strategy === 'clone',
    },
  };
}

async function removed(
  { server, database, environment }: Administered,
  name: string,
  { cwd }: Ports,
): Promise<Result> {
  const { app, slug } = environment;
  const owner = await repositoryOf(cwd);
  if (!(await removeSnapshot(server, { database, name, ...(owner && { owner }) })))
    throw new CoppiceError('COPPICE_NO_SNAPSHOT', `${environmentName(app, slug)} has no snapshot ${name}`, {
      hint: 'wt db snapshots',
    });
  return {
    text: `removed the snapshot ${name} of ${environmentName(app, slug)}`,
    json: { app, environment: slug, database, name, removed: true },
  };
}
