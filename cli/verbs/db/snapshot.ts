import type { RemovedSnapshot, TakenSnapshot } from '../../../app/databases/snapshots.ts';
import { environmentName } from '../../../core/names.ts';
import { flag, type Result, verb } from '../../define.ts';
import { copyText } from '../../ui/database-copy.ts';
import { targetOf, targetOptions } from '../target.ts';
import { answers, ownServices } from './options.ts';

export const snapshot = verb({
  usage: 'snapshot <name>',
  summary: 'keep the database as it is now, under a name',
  about: `A named snapshot is kept until you remove it. A database can only be copied while no program is connected to it. ${ownServices} Asks nothing.`,
  examples: [
    ['wt db snapshot before-import', 'also while the app runs'],
    ['wt db snapshot before-import --remove', 'when it is no longer needed'],
  ],
  options: {
    ...answers,
    remove: flag('remove the snapshot with this name'),
    ...targetOptions,
  },
  run: async ([name], { yes: _, endSessions, force, remove, ...named }, ports) => {
    const { dropSnapshot, snapshot } = await import('../../../app/databases/snapshots.ts');
    const target = targetOf(named);
    return remove
      ? removedReport(name, await dropSnapshot(target, name, ports))
      : snapshotReport(name, await snapshot(target, { name, endSessions, force }, ports));
  },
});

/** @internal Exported for its test, which reads the text without a server. */
export function snapshotReport(name: string, { environment, of, ...taken }: TakenSnapshot): Result {
  const { app, slug } = environment;
  const { strategy, milliseconds, mark } = taken;
  return {
    text: `snapshot ${name} of ${environmentName(app, slug)}: ${copyText(taken)}\n  wt db restore ${name} brings it back`,
    json: {
      app,
      environment: slug,
      database: of,
      name,
      takenAt: mark.takenAt,
      strategy,
      milliseconds,
      sharesBlocks: strategy === 'clone',
    },
  };
}

/** @internal Exported for its test, which reads the text without a server. */
export function removedReport(name: string, { environment, of }: RemovedSnapshot): Result {
  const { app, slug } = environment;
  return {
    text: `removed the snapshot ${name} of ${environmentName(app, slug)}`,
    json: { app, environment: slug, database: of, name, removed: true },
  };
}
