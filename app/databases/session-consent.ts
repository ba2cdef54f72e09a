import { counted } from '../../core/text/counted.ts';
import type { Server } from '../../servers/postgres/connection/server.ts';
import { sessions } from '../../servers/postgres/connection/sessions.ts';
import { confirm } from '../consent/confirm.ts';
import type { Ports } from '../ports.ts';

/** A database that is about to be replaced, and what was said about it on the command line. */
export interface Replacing {
  readonly database: string;
  /** `Bring back ... ?` */
  readonly question: string;
  /** `--yes`: replace it, if nobody is connected. */
  readonly yes: boolean;
  /** `--force`: replace it, whoever is connected. */
  readonly force: boolean;
  readonly refusal: string;
  readonly hint: string;
}

/**
 * Whether whoever is connected may be disconnected. A person is told how many that are before they say yes; a script has
 * to say so itself. Throws COPPICE_NOT_CONFIRMED.
 */
export async function consent(server: Server, replacing: Replacing, ports: Ports): Promise<boolean> {
  const { database, question, yes, force, refusal, hint } = replacing;
  if (force || yes) return force;
  const connected = (await sessions(server, database)).length;
  const told = connected === 0 ? '' : ` ${counted(connected, 'session')} will end.`;
  await confirm({ question: `${question}${told}`, yes: false, refusal, hint }, ports);
  return true;
}
