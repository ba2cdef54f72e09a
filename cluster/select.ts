import type { Settings } from '../config/settings/settings.ts';
import type { Check } from '../core/check.ts';
import { defined } from '../core/defined.ts';
import { CoppiceError } from '../core/errors.ts';
import { type ClusterRecord, readClusterRecord } from '../core/state/cluster-record.ts';
import type { ClusterDriver, DriverContext } from './driver.ts';
import type { EngineFacts } from './drivers/k3d/facts.ts';
import { userPaths } from './drivers/user-paths.ts';

export type DriverName = ClusterRecord['driver'];
export const driverNames = ['embedded', 'k3d', 'existing'] as const satisfies readonly DriverName[];

export interface DriverChoice {
  readonly name: DriverName;
  /** Why, in plain words, for `wt doctor`. */
  readonly reason: string;
}

export interface Selection {
  readonly settings: Settings;
  /** Value of `--driver`. */
  readonly flag?: DriverName;
  /** The driver of the cluster that was started last. */
  readonly recorded?: DriverName;
  readonly machine: MachineFacts;
}

/** What this machine has to offer. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform;
  /** Undefined if there is no command `docker`. Queried only if nothing else decides. */
  readonly engine: () => Promise<EngineFacts | undefined>;
}

/**
 * Flag, then settings, then the driver of the existing cluster (a Docker that is started must not hide an embedded
 * cluster with its environments), then the machine. Throws COPPICE_NO_DRIVER if the machine offers none.
 *
 * @internal Exported for its test, which passes in facts of other machines.
 */
export async function chooseDriver({ settings, flag, recorded, machine }: Selection): Promise<DriverChoice> {
  if (flag !== undefined) return { name: flag, reason: withRecorded(`--driver ${flag} was given`, flag) };
  if (settings.driver !== undefined) {
    const { driver } = settings;
    return { name: driver, reason: withRecorded(`the settings say \`driver: ${driver}\``, driver) };
  }
  if (settings.existing !== undefined) {
    const reason = `the settings name the context ${settings.existing.context}`;
    return { name: 'existing', reason: withRecorded(reason, 'existing') };
  }
  if (recorded === 'embedded' || recorded === 'k3d')
    return { name: recorded, reason: `the cluster that you have is ${recorded}` };
  return byMachine(machine);

  /** Environments of another driver's cluster stay where they are. */
  function withRecorded(reason: string, name: DriverName): string {
    return recorded === undefined || recorded === name
      ? reason
      : `${reason}; the cluster that was started last is ${recorded}`;
  }
}

async function byMachine({ platform, engine }: MachineFacts): Promise<DriverChoice> {
  const docker = await engine();
  if (docker?.answers) return { name: 'k3d', reason: `Docker answers here (${docker.system})` };
  const why = docker === undefined ? 'there is no Docker' : 'Docker does not answer';
  if (platform === 'linux') {
    return { name: 'embedded', reason: `on Linux Kubernetes runs without Docker, and ${why}` };
  }
  // The driver reports what is wrong with it, and what to do.
  if (docker !== undefined)
    return { name: 'k3d', reason: `on ${platform} clusters run in Docker, but ${why}` };
  throw new CoppiceError('COPPICE_NO_DRIVER', `on ${platform} clusters run in Docker, and ${why}`, {
    hint: 'install Docker Desktop or colima and start it, or name a cluster that you have: `existing: {context: NAME}` in the settings',
  });
}

/** The chosen driver; its code is loaded only now. Throws what {@link chooseDriver} throws. */
export async function selectDriver(
  context: DriverContext,
  flag?: DriverName,
): Promise<{ readonly driver: ClusterDriver; readonly reason: string }> {
  const { name, reason } = await chooseHere(context, flag);
  return { driver: await drivers[name](context), reason };
}

async function chooseHere({ settings }: Pick<DriverContext, 'settings'>, flag?: DriverName) {
  const recorded = (await readClusterRecord(userPaths().clusterRecord))?.driver;
  return chooseDriver({
    settings,
    ...defined({ flag, recorded }),
    machine: {
      platform: process.platform,
      engine: async () => (await import('./drivers/k3d/facts.ts')).askEngine(),
    },
  });
}

const drivers: Record<DriverName, (context: DriverContext) => Promise<ClusterDriver>> = {
  embedded: async (context) => (await import('./drivers/embedded/index.ts')).embeddedDriver(context),
  existing: async (context) => (await import('./drivers/existing.ts')).existingDriver(context),
  k3d: async (context) => (await import('./drivers/k3d/index.ts')).k3dDriver(context),
};

/** The checks of `wt doctor` for this machine and the chosen driver. */
export async function clusterChecks(context: DriverContext): Promise<Check[]> {
  const { name } = await chooseHere(context);
  if (name === 'embedded') return (await import('./drivers/embedded/checks.ts')).clusterChecks(context);
  if (name === 'k3d') return (await import('./drivers/k3d/checks.ts')).clusterChecks(context);
  const { problem } = await (await selectDriver(context)).driver.status();
  return [{ name: 'cluster', ok: problem === undefined, detail: problem ?? 'answers' }];
}
