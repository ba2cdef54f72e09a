import { environmentName } from '../../../config/names.ts';
import { requireClone } from '../../../database/replace.ts';
import { findSnapshot, restoreSnapshot } from '../../../database/snapshots.ts';
import { onDatabase } from '../../db/administer.ts';
import { consent } from '../../db/consent.ts';
import { keptText, made, replacedDocument } from '../../db/made.ts';
import { forgetRecord } from '../../environment/record.ts';
import type { Command } from '../../ports.ts';
import { since } from '../../ui/duration.ts';
import { shown } from '../../ui/screen.ts';
import type { Target } from '../../verb.ts';

export interface RestoreArgs extends Target {
  readonly name: string;
  /** Disconnects whoever is connected; that is a yes too. */
  readonly force: boolean;
  readonly yes: boolean;
}

export const restore: Command<RestoreArgs> = ({ name, force, yes, ...target }, ports) =>
  onDatabase(target, ports, async ({ server, database, environment: { app, slug } }) => {
    const whose = environmentName(app, slug);
    const { mark } = await findSnapshot(server, database, name, await requireClone(server, database));
    const mayEnd = await consent(
      server,
      {
        ...{ database, yes, force },
        question: `Make the database of ${whose} what it was ${since(mark.takenAt, Date.now())} ago (snapshot ${name})?`,
        refusal: `the database of ${whose} was not restored`,
        hint: `wt db restore ${name} --force`,
      },
      ports,
    );
    // It may have other migrations than before: the next `up` has to look.
    await forgetRecord(app, slug);
    const replaced = await shown(ports.screen, `restoring ${name}`, () =>
      restoreSnapshot(server, { database, name, force: mayEnd }),
    );
    return {
      text: [
        `the database of ${whose} is what it was in the snapshot ${name}: ${made(replaced)}`,
        '  wt up runs the migrations that it lacks',
        keptText(replaced),
      ].join('\n'),
      json: { app, environment: slug, database, restored: name, ...replacedDocument(replaced) },
    };
  });
