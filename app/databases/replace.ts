import { counted } from '../../core/text/counted.ts';
import { type Server, sessions } from '../../servers/postgres/server.ts';
import { confirm } from '../consent/confirm.ts';
import type { Ports } from '../ports.ts';
import { withTask } from '../screen.ts';
import { forgetRecord } from '../target/record-file.ts';
import type { Administered } from './administer.ts';

/** What a command line allows. */
export interface ReplaceOptions {
  /** `--yes`: replace it, unless a program is connected. */
  readonly yes: boolean;
  /** `--force`: replace it, even while programs are connected. */
  readonly force: boolean;
}

/** A database that is about to be replaced, and the question before it. */
export interface Replacing extends ReplaceOptions {
  readonly database: string;
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
  const { database, question, yes, force, refusal, hint } = replacing;
  if (force || yes) return force;
  const connected = (await sessions(server, database)).length;
  const ending = connected === 0 ? '' : ` ${counted(connected, 'session')} will end.`;
  await confirm({ question: `${question}${ending}`, yes: false, refusal, hint }, ports);
  return true;
}

/**
 * Replaces an environment's database; `work` receives whether it may disconnect programs. Without a database yet there
 * is nothing to ask, and `replacing` is absent. Throws COPPICE_NOT_CONFIRMED.
 */
export async function replaceDatabase<T>(
  { server, database, environment: { app, slug } }: Administered,
  replacing: Omit<Replacing, 'database'> | undefined,
  label: string,
  ports: Ports,
  work: (mayDisconnect: boolean) => Promise<T>,
): Promise<T> {
  const mayDisconnect = replacing === undefined || (await consent(server, { ...replacing, database }, ports));
  // Its migrations may differ now: the next `up` has to check.
  await forgetRecord(app, slug);
  return withTask(ports.screen, label, () => work(mayDisconnect));
}
