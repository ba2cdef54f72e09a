import { randomBytes } from 'node:crypto';
import type { Kube } from '../../cluster/kube/client.ts';
import type { DatabaseInputs } from '../../config/database-inputs.ts';
import { ownerOf } from '../../config/owner.ts';
import type { DatabaseRequest } from '../../database/ensure.ts';
import { serverFacts } from '../../database/facts.ts';
import { templateRequest } from '../../database/identity.ts';
import type { Server } from '../../database/server.ts';
import type { Work } from '../../database/types.ts';
import type { ReachedServer } from './login.ts';
import { commandsInCluster } from './run-command.ts';
import { knownPassword } from './secret.ts';
import { textsOf } from './texts.ts';

/** What is asked of a server for one environment: the handler and `wt db` ask alike. */
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
    // Pods that run have it in their environment, so it stays as long as the namespace does.
    password: known ?? randomBytes(24).toString('base64url'),
    owner: ownerOf(inputs),
    template: templateRequest(app, database, major, texts),
  };
}

/** How the app's commands are run for it. */
export function workFor(
  kube: Kube,
  inputs: DatabaseInputs,
  { login, address }: ReachedServer,
  signal: AbortSignal,
  progress?: (text: string) => void,
): Work {
  const run = commandsInCluster(kube, { inputs, address, ssl: login.ssl === true });
  return { run, signal, ...(progress && { progress }) };
}
