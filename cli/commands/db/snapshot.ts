import { CoppiceError } from '../../../config/errors.ts';
import { environmentName } from '../../../config/names.ts';
import { removeSnapshot, takeSnapshot } from '../../../database/snapshots.ts';
import { type Administered, onDatabase } from '../../db/administer.ts';
import { made } from '../../db/made.ts';
import { repositoryOf } from '../../db/owner.ts';
import type { Command, Ports, Result } from '../../ports.ts';
import { shown } from '../../ui/screen.ts';
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
