import { CoppiceError, messageOf } from '../../core/errors.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import type { Server } from '../../servers/postgres/connection/server.ts';
import type { Orphan } from '../../servers/postgres/inventory/orphans.ts';
import {
  type Removal,
  removeOrphans,
  removeTemplates,
} from '../../servers/postgres/inventory/remove-orphans.ts';
import { platformPlace } from '../../servers/postgres/place.ts';
import { nothingSwept, type Swept } from '../platform/sweep-result.ts';
import type { Ports } from '../ports.ts';
import { type Witnesses, witnessesOf } from '../target/existing.ts';
import { onServer } from './administer.ts';
import { findLeftovers, orphanText, templateText } from './leftovers.ts';

/**
 * Removes what crashes and removed worktrees left on the platform's server, and templates that nothing uses. Databases
 * with sessions stay. What goes wrong is told and not thrown, as this is never what somebody came for; only Ctrl+C is.
 */
export async function sweepDatabases(ports: Ports): Promise<Swept> {
  if (!(await readPlatformParts()).postgres) return nothingSwept;
  try {
    return await onServer(platformPlace, ports, ({ server, kube }) => sweep(server, witnessesOf(kube)));
  } catch (error) {
    if (error instanceof CoppiceError && error.code === 'COPPICE_INTERRUPTED') throw error;
    return { ...nothingSwept, problem: messageOf(error) };
  }
}

/** The same for a server that is connected. */
export async function sweep(server: Server, witnesses: Witnesses, now: Date = new Date()): Promise<Swept> {
  const { orphans, templates } = await findLeftovers(server, witnesses, now);
  const lines = [
    ...(await removeOrphans(server, orphans)).map((removal) => told(removal, orphanText, remedy)),
    ...(await removeTemplates(server, templates)).map((removal) => told(removal, templateText)),
  ];
  const of = (gone: boolean) => lines.filter((line) => line.gone === gone).map(({ text }) => text);
  return { done: of(true), kept: of(false) };
}

function told<T>({ what, kept }: Removal<T>, textOf: (what: T) => string, remedyOf?: (what: T) => string) {
  const gone = kept === undefined;
  const done = remedyOf?.(what) ?? 'removed';
  return { gone, text: gone ? `${done} ${textOf(what)}` : `${textOf(what)}; stays: ${kept}` };
}

/** A database that a command closed is an environment's still. */
function remedy({ kind }: Orphan): string {
  return kind === 'closed' ? 'opened' : 'removed';
}
