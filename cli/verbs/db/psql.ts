import { ExitCode } from '../../../core/errors.ts';
import { type Result, values, verb } from '../../define.ts';
import { targetOf, targetOptions } from '../target.ts';

/** psql's output is the result, and its exit code becomes ours. */
export const psql = verb({
  usage: 'psql [arguments...]',
  summary: "psql in the database, with the environment's login",
  about:
    "Uses this machine's psql, or the one in the server's pod if there is none. Arguments after -- go to psql. Ends with psql's exit code.",
  examples: [
    ['wt db psql', 'a session'],
    ['wt db psql -c "select count(*) from orders"', 'one statement, also without a terminal'],
    ['wt db psql -c "set role reader" -c "select 1"', 'several in order, in one session'],
    ['wt db psql --env feat-b -- --csv -f report.sql', 'arguments for psql itself'],
  ],
  options: { command: values('sql', 'run this and exit; several run in order', 'c'), ...targetOptions },
  run: async (args, { command, ...named }, ports) => {
    const { psql } = await import('../../../app/databases/psql.ts');
    const all = [...command.flatMap((sql) => ['--command', sql]), ...args];
    return psqlReport(await psql(targetOf(named), all, ports));
  },
});

/**
 * psql ends with 0, 1, 2 or 3; a signal, or a program missing in the pod, with more.
 *
 * @internal Exported for its test, which reads the text without a server.
 */
export function psqlReport(code: number): Result {
  const known = Object.values(ExitCode).find((one) => one === code);
  return { text: '', json: undefined, exitCode: known ?? ExitCode.problem };
}
