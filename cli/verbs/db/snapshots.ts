import { onDatabase } from '../../../app/databases/administer.ts';
import type { Command } from '../../../app/ports.ts';
import { environmentName } from '../../../core/names.ts';
import { listSnapshots } from '../../../servers/postgres/snapshots/snapshots.ts';
import { snapshotsReport } from '../../ui/snapshots.ts';
import type { Target } from '../../verb.ts';

export const snapshots: Command<Target> = (target, ports) =>
  onDatabase(target, ports, async ({ server, database, environment: { app, slug } }) =>
    snapshotsReport(environmentName(app, slug), await listSnapshots(server, database), Date.now()),
  );
