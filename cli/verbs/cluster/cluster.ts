import { rm } from 'node:fs/promises';
import { chosenDriver, startCluster } from '../../../app/clusters/clusters.ts';
import { forgetEverything } from '../../../app/clusters/forget.ts';
import { clearReplaced, noteReplaced } from '../../../app/clusters/replaced.ts';
import { completeSwitch, forgetAside } from '../../../app/clusters/set-aside.ts';
import type { Command, Ports, Result } from '../../../app/ports.ts';
import type { DriverName } from '../../../cluster/select.ts';
import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import { paths } from '../../../core/paths.ts';
import { type ClusterRecord, readClusterRecord } from '../../../core/state/cluster-record.ts';
import { duration } from '../../../core/text/duration.ts';
import { table } from '../../ui/table.ts';

export interface ClusterArgs {
  /** What `--driver` says. */
  readonly driver?: string | undefined;
}

export interface StartArgs extends ClusterArgs {
  /** Delete the cluster that is there first; its data stay. */
  readonly anew: boolean;
  readonly yes: boolean;
}

export const clusterStart: Command<StartArgs> = async ({ anew, yes, driver: flag }, ports) => {
  const { driver, reason } = await chosenDriver(ports, flag);
  if (anew) await allowAnew(driver.name, yes, ports);
  const record = await ports.phases.measure('cluster', () => startCluster(driver, ports, { anew }));
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

async function allowAnew(name: DriverName, yes: boolean, ports: Ports): Promise<void> {
  if (name !== 'k3d') {
    throw new CoppiceError('COPPICE_USAGE', `a cluster of ${name} cannot be made anew with its data`, {
      hint: 'wt cluster reset deletes it with its data, where it is ours',
      exitCode: ExitCode.usage,
    });
  }
  await allowed(
    'Make the cluster anew? Databases stay; every environment is down until `wt up` brings it back.',
    { yes, refused: 'the cluster was not made anew', hint: 'wt cluster start --anew --yes' },
    ports,
  );
}

/** Asks, unless it was said before. Throws COPPICE_NOT_CONFIRMED. */
async function allowed(
  question: string,
  { yes, refused, hint }: { readonly yes: boolean; readonly refused: string; readonly hint: string },
  ports: Ports,
): Promise<void> {
  if (yes || (await ports.ask(question))) return;
  throw new CoppiceError('COPPICE_NOT_CONFIRMED', `${refused}: nobody said yes`, {
    hint,
    exitCode: ExitCode.usage,
  });
}

export interface ResetArgs extends ClusterArgs {
  readonly yes: boolean;
  /** Delete nothing of the cluster, only what is known of it here. */
  readonly forget: boolean;
}

export const clusterReset: Command<ResetArgs> = async ({ yes, forget, driver: flag }, ports) => {
  const { driver, settings } = await chosenDriver(ports, flag);
  await completeSwitch();
  const recorded = await readClusterRecord();
  const { name } = driver;
  if (forget) return forgetCluster(recorded, { name, yes }, ports);
  const what = name === 'embedded' ? ` in ${settings.embedded.dataFolder}` : '';
  await allowed(
    `Delete the ${name} cluster with all environments and data${what}?`,
    { yes, refused: 'the cluster was not reset', hint: 'wt cluster reset --yes' },
    ports,
  );
  const known = recorded?.driver === name ? recorded : undefined;
  if (known !== undefined && name !== 'existing') await noteReplaced({ record: known, reset: true });
  await ports.phases.measure('cluster', () => driver.reset());
  // What they describe went with the cluster; the engine would only fail to delete it.
  if (name !== 'existing') {
    if (recorded === undefined || known !== undefined) await forgetEverything();
    await forgetAside(name);
    if (known !== undefined) await clearReplaced();
  }
  return {
    text: `cluster reset in ${duration(ports.phases.total)}: stopped, its data deleted`,
    json: { driver: name, reset: true, timings: ports.phases.list },
  };
};

/** For a cluster that nobody can reach any more, as it was made in a Docker engine that is gone. */
async function forgetCluster(
  recorded: ClusterRecord | undefined,
  { name, yes }: { readonly name: DriverName; readonly yes: boolean },
  ports: Ports,
): Promise<Result> {
  if (recorded?.driver !== name) {
    return {
      text: `nothing is known here of a cluster of ${name}`,
      json: { driver: name, forgotten: false },
    };
  }
  await allowed(
    `Forget the cluster ${recorded.context} and all environments in it? Nothing of it is deleted: if it still runs, it goes on.`,
    { yes, refused: 'the cluster was not forgotten', hint: 'wt cluster reset --forget --yes' },
    ports,
  );
  await noteReplaced({ record: recorded, reset: true });
  await rm(paths().clusterRecord, { force: true });
  if (name !== 'existing') await rm(recorded.kubeconfig, { force: true });
  await forgetEverything();
  await clearReplaced();
  return {
    text: `the cluster ${recorded.context} is forgotten; nothing of it was deleted`,
    json: { driver: name, forgotten: true },
  };
}
