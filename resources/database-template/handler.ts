import { clusterOf } from '../../cluster/kube/connections.ts';
import { requireCluster } from '../../cluster/kube/create-namespace.ts';
import { CoppiceError } from '../../core/errors.ts';
import { ownerOf } from '../../core/owner.ts';
import { databaseState } from '../../servers/postgres/databases.ts';
import { withServer } from '../../servers/postgres/reach.ts';
import { ensureTemplate } from '../../servers/postgres/templates.ts';
import type { Login } from '../../servers/postgres/types.ts';
import type { DatabaseInputs } from '../database/contract.ts';
import { databaseRequest, workFor } from '../database/request.ts';
import { changed, type Handler } from '../handler.ts';
import type { DatabaseTemplateOutputs } from './contract.ts';

export const databaseTemplate: Handler<DatabaseInputs, DatabaseTemplateOutputs> = {
  /** If the database is gone, its template may be gone too. */
  async diff(olds, news, { signal }) {
    const names = ['database', 'server', 'cluster', 'app', 'environment', 'repository', 'branch'] as const;
    if (changed<DatabaseInputs>(olds, news, names).length > 0) return { changes: true };
    return { changes: !(await isCloned(news, signal).catch(() => false)) };
  },
  async create(inputs, { signal }) {
    return { id: inputs.database.name, outputs: await ensure(inputs, signal) };
  },
  read: async (_id, state) => state,
  update: (_id, _olds, news, { signal }) => ensure(news, signal),
  async delete() {},
};

async function isCloned(inputs: DatabaseInputs, signal: AbortSignal): Promise<boolean> {
  const request = { name: inputs.database.name, owner: ownerOf(inputs) };
  const kube = await clusterOf(inputs);
  return withServer(
    kube,
    inputs,
    signal,
    async (server) => (await databaseState(server, request)).kind === 'ours',
  );
}

async function ensure(inputs: DatabaseInputs, signal: AbortSignal): Promise<DatabaseTemplateOutputs> {
  const kube = await clusterOf(inputs);
  await requireCluster(kube, inputs.cluster);
  return withServer(kube, inputs, signal, async (server, reached) => {
    requirePassword(reached.login);
    const request = await databaseRequest(kube, server, inputs);
    const state = await databaseState(server, request);
    const template =
      state.kind === 'ours'
        ? state.mark.template
        : (await ensureTemplate(server, request.template, workFor(kube, inputs, reached, signal))).name;
    const { host, port, user, maintenance = 'postgres', ssl } = reached.login;
    const login = { host, port: String(port), username: user, maintenance };
    return { ...inputs, template, ...login, sslmode: ssl ? 'verify-full' : 'disable' };
  });
}

/** As a property it would be in the state, so the plugin reads it from the environment, which only the user can set. */
function requirePassword({ password }: Login): void {
  if (process.env.PGPASSWORD === password) return;
  throw new CoppiceError(
    'COPPICE_MANAGED_DATABASE',
    'the plugin of @pulumi/postgresql takes its password from the variable PGPASSWORD, which is not that of the URL',
    { hint: 'export PGPASSWORD with the password of the URL that `databases.managed.url` names' },
  );
}
