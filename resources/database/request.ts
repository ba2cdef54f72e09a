import { randomBytes } from 'node:crypto';
import type { Kube } from '../../cluster/kube/client.ts';
import { defined } from '../../core/defined.ts';
import { ownerOf } from '../../core/owner.ts';
import type { DatabaseRequest } from '../../servers/postgres/databases.ts';
import type { ReachedServer } from '../../servers/postgres/reach.ts';
import { type Server, serverFacts } from '../../servers/postgres/server.ts';
import { templateRequest } from '../../servers/postgres/templates.ts';
import type { Work } from '../../servers/postgres/types.ts';
import { clientNames } from './clients.ts';
import type { DatabaseInputs } from './contract.ts';
import { commandsInCluster, dumpInCluster } from './run-command.ts';
import { knownPassword } from './secret.ts';
import { textsOf } from './texts.ts';

/** The request to a server for one environment, shared by the handler and `wt db`. */
export async function databaseRequest(
  kube: Kube,
  server: Server,
  inputs: DatabaseInputs,
): Promise<DatabaseRequest> {
  const { app, namespace, database } = inputs;
  const [known, texts, { major }] = await Promise.all([
    knownPassword(kube, namespace),
    textsOf(inputs),
    serverFacts(server),
  ]);
  return {
    name: database.name,
    // Running pods have it in their environment, so it stays as long as the namespace does.
    password: known ?? randomBytes(24).toString('base64url'),
    owner: ownerOf(inputs),
    template: templateRequest(app, database, major, texts),
  };
}

/** How to run the app's commands for it. */
export function workFor(
  kube: Kube,
  inputs: DatabaseInputs,
  { login, address }: ReachedServer,
  signal: AbortSignal,
  { progress, note }: Pick<Work, 'progress' | 'note'> = {},
): Work {
  const run = commandsInCluster(kube, { inputs, address, ssl: login.ssl === true });
  const openDump = dumpInCluster(kube, inputs, signal);
  return { run, openDump, signal, nameClient: clientNames(kube), ...defined({ progress, note }) };
}
