import { onDatabase } from '../../../app/databases/administer.ts';
import { consent } from '../../../app/databases/session-consent.ts';
import { forgetRecord } from '../../../app/environments/record.ts';
import type { Command } from '../../../app/ports.ts';
import { shown } from '../../../app/screen.ts';
import { environmentName } from '../../../core/names.ts';
import { since } from '../../../core/text/duration.ts';
import { requireClone } from '../../../servers/postgres/clones/replace.ts';
import { findSnapshot, restoreSnapshot } from '../../../servers/postgres/snapshots/snapshots.ts';
import { keptText, made, replacedDocument } from '../../ui/clone-line.ts';
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
