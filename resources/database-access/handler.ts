import { clusterOf } from '../../cluster/kube/connections.ts';
import { requireCluster } from '../../cluster/kube/create-namespace.ts';
import { ownerOf } from '../../core/owner.ts';
import { adoptDatabase } from '../../servers/postgres/databases.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { database } from '../database/handler.ts';
import { removeAccess } from '../database/secret.ts';
import type { Handler } from '../handler.ts';
import type { DatabaseAccessInputs, DatabaseAccessOutputs } from './contract.ts';

export const databaseAccess: Handler<DatabaseAccessInputs, DatabaseAccessOutputs> = {
  diff: (olds, news, context) => database.diff(olds, news, context),
  async create(inputs, context) {
    await adopt(inputs, context.signal);
    const { id, outputs } = await database.create(inputs, context);
    return { id, outputs: { ...inputs, ...outputs } };
  },
  async read(id, state, context) {
    return (await database.read(id, state, context)) && state;
  },
  async update(id, olds, news, context) {
    await adopt(news, context.signal);
    return { ...news, ...(await database.update(id, olds, news, context)) };
  },
  async delete(_id, state) {
    const kube = await clusterOf(state);
    await requireCluster(kube, state.cluster);
    await removeAccess(kube, state.namespace);
  },
};

async function adopt(inputs: DatabaseAccessInputs, signal: AbortSignal): Promise<void> {
  const kube = await clusterOf(inputs);
  await requireCluster(kube, inputs.cluster);
  const { name } = inputs.database;
  const { template } = inputs;
  await withServer(kube, inputs, signal, (server) =>
    adoptDatabase(server, { name, template, owner: ownerOf(inputs) }),
  );
}
