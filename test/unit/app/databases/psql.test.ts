import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { psqlHere } from '../../../../app/databases/psql.ts';
import { keepScript, runScript } from '../../../../app/databases/server-pod.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coppice-psql-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const access = {
  url: 'postgres://x',
  host: 'postgres.coppice.svc',
  port: '5432',
  name: 'wt_shop__main',
  user: 'wt_shop__main',
  password: 'geheim',
};
const address = { host: '127.0.0.1', port: 15432, kind: 'published' as const, close: async () => {} };

/** With a program in place of psql that writes down what it receives. */
async function runPsql(ssl: boolean, env: NodeJS.ProcessEnv) {
  writeFileSync(
    join(folder, 'psql'),
    `#!/bin/sh\nenv | grep ^PG | sort > ${folder}/env; echo "$@" > ${folder}/args; exit 3\n`,
    { mode: 0o755 },
  );
  const own = { PATH: `${folder}${delimiter}${process.env.PATH}`, ...env };
  const code = await psqlHere(access, { ...address, ssl }, ['--command', 'SELECT 1'], own);
  const variables = readFileSync(join(folder, 'env'), 'utf8').trim().split('\n');
  return { code, variables, args: readFileSync(join(folder, 'args'), 'utf8') };
}

const login = ['PGDATABASE=wt_shop__main', 'PGHOST=127.0.0.1', 'PGPASSWORD=geheim', 'PGPORT=15432'];
const user = 'PGUSER=wt_shop__main';

test("psql reaches the environment's database, whatever the shell's variables say about another server", async () => {
  const elsewhere = {
    PGHOST: 'db.example.com',
    PGSERVICE: 'prod',
    PGSERVICEFILE: '/x',
    PGHOSTADDR: '192.0.2.1',
    PGSSLMODE: 'verify-full',
    PGOPTIONS: '-c search_path=other',
    PGTARGETSESSIONATTRS: 'standby',
    PGREQUIREAUTH: 'gss',
    PGCHANNELBINDING: 'require',
    PGGSSENCMODE: 'require',
  };
  const { variables } = await runPsql(false, elsewhere);
  expect(variables).toEqual([...login, 'PGSSLMODE=disable', user]);
});

test('psql encrypts where the server requires TLS, and keeps variables that do not choose a server', async () => {
  const { variables } = await runPsql(true, { PGSSLMODE: 'disable', PGTZ: 'UTC' });
  expect(variables).toEqual([...login, 'PGSSLMODE=require', 'PGTZ=UTC', user]);
});

test("psql's exit code is returned, and no password is among its arguments", async () => {
  const { code, args } = await runPsql(false, {});
  expect(code).toBe(3);
  expect(args).toBe('--command SELECT 1\n');
});

test('a machine without psql is distinguished from one whose psql fails', async () => {
  expect(await psqlHere(access, { ...address, ssl: false }, [], { PATH: folder })).toBeUndefined();
});

test("the password is in no file when psql runs in the server's pod", () => {
  const file = join(folder, 'kept');
  const password = 'a b\\c:d"$e';
  execFileSync('sh', ['-c', keepScript, file], { input: `${password}\n` });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(
    join(folder, 'psql'),
    `#!/bin/sh\nprintf "%s|" "$PGPASSWORD" "$@"; [ ! -e ${file} ] || printf "still there"; kill -9 $$\n`,
    { mode: 0o755 },
  );
  const env = { PATH: `${folder}${delimiter}${process.env.PATH}` };
  const { stdout, signal } = spawnSync('sh', ['-c', runScript, file, 'psql', '--command', 'SELECT 1'], {
    env,
  });
  expect(stdout.toString()).toBe(`${password}|--command|SELECT 1|`);
  expect(signal).toBe('SIGKILL');
  expect(existsSync(file)).toBe(false);
});
