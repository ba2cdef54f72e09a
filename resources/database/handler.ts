import { clusterUid, type Kube } from '../../cluster/kube/client.ts';
import { clusterOf } from '../../cluster/kube/connections.ts';
import { requireCluster } from '../../cluster/kube/create-namespace.ts';
import { defined } from '../../core/defined.ts';
import { hasCode } from '../../core/errors.ts';
import { ownerOf } from '../../core/owner.ts';
import {
  type DatabaseState,
  databaseState,
  dropDatabase,
  ensureDatabase,
} from '../../servers/postgres/databases.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { templateRequest } from '../../servers/postgres/templates.ts';
import { type CallContext, changed, changedIdentity, type Handler } from '../handler.ts';
import type { DatabaseInputs, DatabaseOutputs } from './contract.ts';
import { databaseRequest, workFor } from './request.ts';
import { accessOf, knownPassword, removeAccess, writeAccess } from './secret.ts';

/** A change of these means another database. The others only say how to reach it, or can be changed in place. */
const identity = ['cluster', 'app', 'environment', 'repository', 'branch'] as const;
const details = ['repository', 'worktree', 'namespace', 'database', 'server'] as const;

export const database: Handler<DatabaseInputs, DatabaseOutputs> = {
  /** The actual state of the server decides, not the recorded one: so every `up` repairs, and a preview shows it. */
  async diff(olds, news, { signal }) {
    const other = changedIdentity<DatabaseInputs>(olds, news, identity);
    const moved = olds.server.kind === news.server.kind ? [] : ['server'];
    const replaces = [...other, ...moved];
    // Both have one name and one Secret.
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
    if (changed<DatabaseInputs>(olds, news, details).length > 0) return { changes: true };
    return { changes: !(await isSound(await clusterOf(news), news, signal).catch(() => false)) };
  },
  async create(inputs, context) {
    return { id: inputs.database.name, outputs: await ensure(inputs, context) };
  },
  async read(_id, state, { signal }) {
    const kube = await clusterOf(state);
    // A recreated cluster has nothing of the old one.
    if ((await clusterUid(kube)) !== state.cluster) return undefined;
    const there = await stateOf(kube, state, signal).catch(unlessNoServer);
    return there?.kind === 'absent' ? undefined : state;
  },
  update: (_id, _olds, news, context) => ensure(news, context),
  async delete(_id, state, { signal }) {
    const kube = await clusterOf(state);
    await requireCluster(kube, state.cluster);
    const request = { name: state.database.name, owner: ownerOf(state) };
    // Without a server there is nothing to drop; if it comes back, a sweep finds the database as a leftover.
    await withServer(kube, state, signal, (server) => dropDatabase(server, request)).catch(unlessNoServer);
    await removeAccess(kube, state.namespace);
  },
};

async function ensure(inputs: DatabaseInputs, { signal, note }: CallContext): Promise<DatabaseOutputs> {
  const kube = await clusterOf(inputs);
  await requireCluster(kube, inputs.cluster);
  return withServer(kube, inputs, signal, async (server, reached) => {
    const request = await databaseRequest(kube, server, inputs);
    const { mark, created } = await ensureDatabase(
      server,
      request,
      workFor(kube, inputs, reached, signal, defined({ note })),
    );
    const { login, address } = reached;
    await writeAccess(kube, inputs, accessOf(request.name, request.password, address, login.ssl === true));
    const { template, strategy, milliseconds } = mark;
    return { ...inputs, name: request.name, template, strategy, milliseconds, adopted: !created };
  });
}

async function isSound(kube: Kube, inputs: DatabaseInputs, signal: AbortSignal): Promise<boolean> {
  const [state, password] = await Promise.all([
    stateOf(kube, inputs, signal),
    knownPassword(kube, inputs.namespace),
  ]);
  if (state.kind !== 'ours' || !state.usable || password === undefined) return false;
  const { added, again, edited, removed } = state.change;
  return [added, again, edited, removed, state.extensions].every(({ length }) => length === 0);
}

function stateOf(kube: Kube, inputs: DatabaseInputs, signal: AbortSignal): Promise<DatabaseState> {
  const { app, database: plan } = inputs;
  return withServer(kube, inputs, signal, (server) =>
    databaseState(server, {
      name: plan.name,
      owner: ownerOf(inputs),
      // Without its hash: another template does not change a clone.
      template: templateRequest(app, plan, 0),
    }),
  );
}

function unlessNoServer(error: unknown): undefined {
  if (hasCode(error, 'COPPICE_NO_DATABASE_SERVER')) return undefined;
  throw error;
}
