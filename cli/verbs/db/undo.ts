import { onDatabase } from '../../../app/databases/administer.ts';
import { repositoryOf } from '../../../app/databases/owner.ts';
import { consent } from '../../../app/databases/session-consent.ts';
import { forgetRecord } from '../../../app/environments/record.ts';
import type { Command } from '../../../app/ports.ts';
import { shown } from '../../../app/screen.ts';
import { environmentName } from '../../../core/names.ts';
import { since } from '../../../core/text/duration.ts';
import { presentClone } from '../../../servers/postgres/clones/replace.ts';
import { type Undone, undo as undoReplaced } from '../../../servers/postgres/snapshots/undo.ts';
import { replacedDocument } from '../../ui/clone-line.ts';
import type { Target } from '../../verb.ts';

export interface UndoArgs extends Target {
  /** One of `wt db snapshots`; the youngest when absent. */
  readonly name?: string;
  readonly force: boolean;
  readonly yes: boolean;
}

export const undo: Command<UndoArgs> = ({ name, force, yes, ...target }, ports) =>
  onDatabase(target, ports, async ({ server, database, environment: { app, slug } }) => {
    const whose = environmentName(app, slug);
    const present = await presentClone(server, database);
    const mayEnd =
      present === undefined ||
      (await consent(
        server,
        {
          ...{ database, yes, force },
          question: `Put ${name ?? 'what was replaced last'} in the place of the database of ${whose}?`,
          refusal: 'nothing was brought back',
          hint: 'wt db undo --force',
        },
        ports,
      ));
    // It may have other migrations than before: the next `up` has to look.
    await forgetRecord(app, slug);
    const owner = await repositoryOf(ports.cwd);
    const undone = await shown(ports.screen, `bringing the database of ${whose} back`, () =>
      undoReplaced(server, {
        ...{ database, force: mayEnd },
        ...(name === undefined ? {} : { name }),
        ...(owner === undefined ? {} : { owner }),
      }),
    );
    return {
      text: [`the database of ${whose} is what it was ${before(undone)}`, next(undone)].join('\n'),
      json: {
        ...{ app, environment: slug, database, broughtBack: undone.snapshot.name },
        ...replacedDocument(undone),
      },
    };
  });

function before({ snapshot: { reason, takenAt } }: Undone): string {
  return `before ${reason}, ${since(takenAt, Date.now())} ago`;
}

function next({ kept }: Undone): string {
  return kept ? '  wt db undo once more takes this one back' : '  wt up takes it as it is';
}
