import { CoppiceError, ExitCode } from '../../config/errors.ts';
import { readClusterRecord } from '../../state/cluster-record.ts';
import { chosenDriver, startCluster } from '../cluster-context.ts';
import { forgetEverything } from '../environment/forget.ts';
import { completeSwitch, forgetAside } from '../environment/set-aside.ts';
import type { Command } from '../ports.ts';
import { duration } from '../ui/duration.ts';
import { table } from '../ui/table.ts';

export interface ClusterArgs {
  /** What `--driver` says. */
  readonly driver?: string | undefined;
}

export const clusterStart: Command<ClusterArgs> = async (args, ports) => {
  const { driver, reason } = await chosenDriver(ports, args.driver);
  const record = await ports.phases.measure('cluster', () => startCluster(driver));
  const { context, kubeconfig, uid, http } = record;
  return {
    text: `cluster up (${driver.name}) in ${duration(ports.phases.total)}: context ${context} of ${kubeconfig}, routes on port ${http.port}`,
    json: {
      driver: driver.name,
      reason,
      kubeconfig,
      context,
      uid,
      port: http.port,
      timings: ports.phases.list,
    },
  };
};

export const clusterStop: Command<ClusterArgs> = async (args, ports) => {
  const { driver } = await chosenDriver(ports, args.driver);
  await ports.phases.measure('cluster', () => driver.stop());
  return {
    text: `cluster stopped in ${duration(ports.phases.total)}; its data stay, wt cluster start brings everything back`,
    json: { driver: driver.name, stopped: true, timings: ports.phases.list },
  };
};

export const clusterStatus: Command<ClusterArgs> = async (args, ports) => {
  const { driver, reason } = await chosenDriver(ports, args.driver);
  const { state, parts, problem } = await driver.status();
  const rows = parts.map(({ name, state, detail }) => [name, state, detail ?? '']);
  const lines = [`${driver.name} cluster: ${state} (${reason})`];
  if (rows.length > 0) lines.push(table(rows, '  '));
  if (problem !== undefined) lines.push(problem);
  return {
    text: lines.join('\n'),
    json: { driver: driver.name, reason, state, parts, ...(problem === undefined ? {} : { problem }) },
    exitCode: state === 'running' ? ExitCode.ok : ExitCode.unreachable,
  };
};

export const clusterReset: Command<ClusterArgs & { readonly yes: boolean }> = async (
  { yes, driver: flag },
  ports,
) => {
  const { driver, settings } = await chosenDriver(ports, flag);
  await completeSwitch();
  const recorded = await readClusterRecord();
  const what = driver.name === 'embedded' ? ` in ${settings.embedded.dataFolder}` : '';
  if (
    !yes &&
    !(await ports.ask(`Delete the ${driver.name} cluster with all environments and data${what}?`))
  ) {
    throw new CoppiceError('COPPICE_NOT_CONFIRMED', 'the cluster was not reset: nobody said yes', {
      hint: 'wt cluster reset --yes',
      exitCode: ExitCode.usage,
    });
  }
  await ports.phases.measure('cluster', () => driver.reset());
  // What they describe went with the cluster; the engine would only fail to delete it.
  if (driver.name !== 'existing') {
    if (recorded === undefined || recorded.driver === driver.name) await forgetEverything();
    await forgetAside(driver.name);
  }
  return {
    text: `cluster reset in ${duration(ports.phases.total)}: stopped, its data deleted`,
    json: { driver: driver.name, reset: true, timings: ports.phases.list },
  };
};
