import { connectCluster, reaching } from '../../../app/clusters/connection.ts';
import { addressOf } from '../../../app/databases/address.ts';
import { environmentLogin } from '../../../app/databases/environment-login.ts';
import { psqlHere } from '../../../app/databases/psql-here.ts';
import type { Command } from '../../../app/ports.ts';
import { nameEnvironment } from '../../../app/target/target.ts';
import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import type { Target } from '../../verb.ts';

export interface PsqlArgs extends Target {
  /** One statement, `-c`. */
  readonly command?: string;
  /** psql's own. */
  readonly args: readonly string[];
}

/** psql with the login of the environment: what it prints is the result, and its exit code ours. */
export const psql: Command<PsqlArgs> = async (args, ports) => {
  const name = await nameEnvironment(args, ports.cwd);
  const connection = await connectCluster();
  const given = [...(args.command === undefined ? [] : ['--command', args.command]), ...args.args];
  // Ctrl+C is for psql, which ends a statement by it and stays.
  const forget = ports.interrupts.handle(() => {});
  try {
    return await reaching(connection.record, async () => {
      const login = await environmentLogin(connection.kube, name);
      const address = await addressOf(connection, login.host, ports.env);
      ports.screen.close();
      try {
        const code = await psqlHere(login, address, given, ports.env);
        if (code !== undefined) return ended(code);
        if (address.kind === 'managed') throw noPsql();
        const { psqlInPod } = await import('../../../app/databases/psql-in-pod.ts');
        return ended(await psqlInPod(connection.kube, login, given));
      } finally {
        await address.close();
      }
    });
  } finally {
    forget();
  }
};

/** psql ends with 0, 1, 2 or 3; a signal or a missing program in the pod with more. */
function ended(code: number) {
  const known = Object.values(ExitCode).find((one) => one === code);
  return { text: '', json: undefined, exitCode: known ?? ExitCode.problem };
}

function noPsql(): CoppiceError {
  return new CoppiceError('COPPICE_NO_PSQL', 'there is no psql on PATH, and this server has no pod', {
    hint: 'install psql (Debian: postgresql-client), or use `wt db url`',
  });
}
