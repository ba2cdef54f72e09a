import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { start } from '../../core/run.ts';
import type { Access } from '../../resources/database/secret.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import type { Ports, TerminalStreams } from '../ports.ts';
import { nameEnvironment, type Target } from '../target/target.ts';
import { type Address, addressOf } from './address.ts';
import { ownLogin } from './environment-login.ts';

/**
 * Runs psql with an environment's login: this machine's, or the one in the server's pod. Returns its exit code. Throws
 * COPPICE_NO_PSQL, and what naming and reaching throw.
 */
export async function psql(
  target: Target,
  args: readonly string[],
  ports: Ports & { readonly streams: TerminalStreams },
): Promise<number> {
  const name = await nameEnvironment(target, ports.cwd);
  const connection = await connectCluster();
  // Ctrl+C is for psql, which ends a statement and keeps running.
  const forget = ports.interrupts.handle(() => {});
  try {
    return await callCluster(connection.record, async () => {
      const login = await ownLogin(connection.kube, name);
      const address = await addressOf(connection, login.host, ports.env);
      ports.screen.close();
      try {
        const code = await psqlHere(login, address, args, ports.env);
        if (code !== undefined) return code;
        if (address.kind === 'managed') throw noPsqlError();
        return await psqlInPod(connection.kube, login, args, ports.streams);
      } finally {
        await address.close();
      }
    });
  } finally {
    forget();
  }
}

function noPsqlError(): CoppiceError {
  return new CoppiceError('COPPICE_NO_PSQL', 'there is no psql on PATH, and this server has no pod', {
    hint: 'install psql (Debian: postgresql-client), or use `wt db url`',
  });
}

/** Variables that would override a named host, or were meant for another server. */
const misleading = [
  ...['PGSERVICE', 'PGSERVICEFILE', 'PGHOSTADDR', 'PGTARGETSESSIONATTRS', 'PGOPTIONS'],
  ...['PGSSLMODE', 'PGREQUIREAUTH', 'PGCHANNELBINDING', 'PGGSSENCMODE'],
];

/**
 * The exit code of this machine's psql; undefined when there is none. https://www.postgresql.org/docs/18/libpq-envars.html
 *
 * @internal Exported for tests on real servers, which use only this part.
 */
export function psqlHere(
  { user, password, name }: Access,
  { host, port, ssl }: Address,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const login = {
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGDATABASE: name,
      PGPASSWORD: password,
    };
    const own = Object.entries(env).filter(([name]) => !misleading.includes(name));
    const child = start('psql', args, {
      stdio: 'inherit',
      // In the environment and not among the arguments, which every user of the machine can read.
      env: { ...Object.fromEntries(own), ...login, PGSSLMODE: ssl ? 'require' : 'disable' },
    });
    child.once('error', (error) => {
      if (hasCode(error, 'ENOENT')) resolve(undefined);
      else reject(error);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** The exit code of the psql in the server's pod. */
async function psqlInPod(
  kube: Kube,
  { user, password, name }: Access,
  args: readonly string[],
  terminal: TerminalStreams,
): Promise<number> {
  const [{ execInPod, withTerminal }, { serverPod, withPassword }] = await Promise.all([
    import('../../cluster/kube/exec.ts'),
    import('./server-pod.ts'),
  ]);
  const place = await serverPod(kube);
  const login = ['--host=127.0.0.1', `--username=${user}`, `--dbname=${name}`];
  const command = await withPassword(kube, place, password, ['psql', ...login, ...args]);
  return withTerminal(terminal, (streams) => execInPod(kube, { ...place, ...streams, command }));
}
