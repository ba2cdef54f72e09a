import { spawn } from 'node:child_process';
import type { Access } from '../../resources/database/secret.ts';
import type { Address } from './address.ts';

/** What would lead elsewhere though a host is named, or was meant for another server. */
const misleading = [
  ...['PGSERVICE', 'PGSERVICEFILE', 'PGHOSTADDR', 'PGTARGETSESSIONATTRS', 'PGOPTIONS'],
  ...['PGSSLMODE', 'PGREQUIREAUTH', 'PGCHANNELBINDING', 'PGGSSENCMODE'],
];

/** The exit code of this machine's psql; undefined when there is none. https://www.postgresql.org/docs/18/libpq-envars.html */
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
    const child = spawn('psql', args, {
      stdio: 'inherit',
      // In the environment and not among the arguments, which every user of the machine can read.
      env: { ...Object.fromEntries(own), ...login, PGSSLMODE: ssl ? 'require' : 'disable' },
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}
