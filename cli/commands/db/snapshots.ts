import { environmentName } from '../../../config/names.ts';
import { listSnapshots } from '../../../database/snapshots.ts';
import { onDatabase } from '../../db/administer.ts';
import { snapshotsReport } from '../../db/snapshots-report.ts';
import type { Command } from '../../ports.ts';
import type { Target } from '../../verb.ts';

export const snapshots: Command<Target> = (target, ports) =>
  onDatabase(target, ports, async ({ server, database, environment: { app, slug } }) =>
    snapshotsReport(environmentName(app, slug), await listSnapshots(server, database), Date.now()),
  );
