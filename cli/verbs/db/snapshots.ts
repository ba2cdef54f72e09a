import { environmentName } from '../../../core/names.ts';
import { verb } from '../../define.ts';
import { targetOf, targetOptions } from '../target.ts';

export const snapshots = verb({
  usage: 'snapshots',
  summary: 'what is kept of the database',
  about:
    'Changes nothing. A snapshot that you did not name is what another verb replaced: `wt db undo` brings it back.',
  options: targetOptions,
  run: async (_, named, ports) => {
    const [{ snapshots }, { snapshotsReport }] = await Promise.all([
      import('../../../app/databases/snapshots.ts'),
      import('../../ui/snapshots.ts'),
    ]);
    const { environment, found } = await snapshots(targetOf(named), ports);
    return snapshotsReport(environmentName(environment.app, environment.slug), found, Date.now());
  },
});
