import { counted } from '../../core/text/counted.ts';
import { ownClients } from '../../resources/database/clients.ts';
import { foreignTo, type OwnClients, type Server, sessions } from '../../servers/postgres/server.ts';
import { confirm } from '../consent/confirm.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { forgetRecord } from '../target/record-file.ts';
import type { Target } from '../target/target.ts';
import type { Administered } from './administer.ts';

/** What a command line allows. */
export interface ReplaceOptions {
  /** `--yes`: do not ask. */
  readonly yes: boolean;
  /** `--end-sessions`: disconnect programs that are connected. */
  readonly endSessions: boolean;
  /** `--force`: both. */
  readonly force: boolean;
}

/** The same command for the same environment, with the answer that a script needs. */
export function withYes(
  command: readonly string[],
  { environment, as }: Target,
  { endSessions }: Pick<ReplaceOptions, 'endSessions'>,
): string {
  const named = [
    ...(environment === undefined ? [] : ['--env', environment]),
    ...(as === undefined ? [] : ['--as', as]),
  ];
  return ['wt', 'db', ...command, ...named, ...(endSessions ? ['--end-sessions'] : []), '--yes'].join(' ');
}

/** A database that is about to be replaced, and the question before it. */
export interface Replacing extends ReplaceOptions {
  readonly database: string;
  /** Addresses of the environment's own pods, about which nobody is asked. */
  readonly own?: OwnClients;
  /** `Bring back ... ?` */
  readonly question: string;
  readonly refusal: string;
  readonly hint: string;
}

/**
 * Whether connected programs may be disconnected. The question shows their number; a script needs the flag. Throws
 * COPPICE_NOT_CONFIRMED.
 *
 * @internal Exported for its test, which passes facts from other machines.
 */
export async function consent(server: Server, replacing: Replacing, ports: Ports): Promise<boolean> {
  const { database, question, yes, endSessions, force, own = [], refusal, hint } = replacing;
  if (force || yes) return force || endSessions;
  const connected = foreignTo(own, await sessions(server, database)).length;
  const ending = connected === 0 ? '' : ` ${counted(connected, 'session')} will end.`;
  await confirm({ question: `${question}${ending}`, yes: false, refusal, hint }, ports);
  return true;
}

/**
 * Replaces an environment's database; `work` receives whose sessions it may end. Without a database yet there
 * is nothing to ask, and `replacing` is absent. Throws COPPICE_NOT_CONFIRMED.
 */
export async function replaceDatabase<T>(
  { server, kube, database, environment }: Administered,
  replacing: Omit<Replacing, 'database' | 'own'> | undefined,
  label: string,
  ports: Ports,
  work: (may: Disconnecting) => Promise<T>,
): Promise<T> {
  const { app, slug, namespace } = environment;
  const own = await ownClients(kube, namespace);
  const force = replacing === undefined || (await consent(server, { ...replacing, database, own }, ports));
  await sayPaused(server, database, { force, own }, ports);
  // Its migrations may differ now: the next `up` has to check.
  await forgetRecord(app, slug);
  return withTask(ports.screen, label, () => work({ force, own }));
}

/** Whose sessions may end: everybody's, or only those of the environment's own pods. */
export interface Disconnecting {
  readonly force: boolean;
  readonly own: OwnClients;
}

/** Says that the environment's own services are paused: they are nobody who has to be asked. */
export async function sayPaused(
  server: Server,
  database: string,
  { force, own }: Disconnecting,
  ports: Ports,
): Promise<void> {
  const found = await sessions(server, database);
  const foreign = foreignTo(own, found).length;
  const paused = found.length - foreign;
  // With others there and no flag it is refused, and nothing is paused.
  if (paused > 0 && (force || foreign === 0))
    ports.screen.note(
      `${counted(paused, 'session')} of its own services ${paused === 1 ? 'ends' : 'end'} for a moment; their pools connect again`,
    );
}
