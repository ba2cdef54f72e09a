import { CoppiceError } from '../config/errors.ts';
import type { Settings } from '../config/settings.ts';
import type { ClusterRecord } from '../state/cluster-record.ts';
import type { ClusterDriver, DriverContext } from './driver.ts';
import type { Check } from './drivers/embedded/checks.ts';

type DriverName = ClusterRecord['driver'];

export interface DriverChoice {
  readonly name: DriverName;
  /** Why, in plain words, for `wt doctor`. */
  readonly reason: string;
}

export interface Selection {
  readonly settings: Settings;
  readonly platform?: NodeJS.Platform;
}

/** Settings, then machine. Throws COPPICE_NO_DRIVER where the machine has nothing to offer. */
export function chooseDriver({ settings, platform = process.platform }: Selection): DriverChoice {
  if (settings.driver !== undefined)
    return { name: settings.driver, reason: `the settings say \`driver: ${settings.driver}\`` };
  if (settings.existing !== undefined) {
    return { name: 'existing', reason: `the settings name the context ${settings.existing.context}` };
  }
  if (platform === 'linux')
    return { name: 'embedded', reason: 'this is Linux, where Kubernetes runs without Docker' };
  throw new CoppiceError(
    'COPPICE_NO_DRIVER',
    `no cluster can be made on ${platform} yet: \`embedded\` needs Linux, \`k3d\` is not written`,
    {
      hint: 'Name a cluster that you have: `existing: {context: NAME}` in the settings.',
    },
  );
}

/** The chosen driver; its code is loaded only now. Throws COPPICE_NO_DRIVER for k3d and what {@link chooseDriver} throws. */
export async function selectDriver(
  context: DriverContext,
): Promise<{ readonly driver: ClusterDriver; readonly reason: string }> {
  const { name, reason } = chooseDriver(context);
  return { driver: await drivers[name](context), reason };
}

const drivers: Record<DriverName, (context: DriverContext) => Promise<ClusterDriver>> = {
  embedded: async (context) => (await import('./drivers/embedded/index.ts')).embeddedDriver(context),
  existing: async (context) => (await import('./drivers/existing.ts')).existingDriver(context),
  k3d: async () => {
    throw new CoppiceError('COPPICE_NO_DRIVER', 'the driver `k3d` is not written yet', {
      hint: 'On Linux use `embedded`; elsewhere name a cluster that you have by `existing: {context: NAME}` in the settings.',
    });
  },
};

/** What `wt doctor` says about this machine and the chosen driver. */
export async function clusterChecks(context: DriverContext): Promise<Check[]> {
  const { name } = chooseDriver({ settings: context.settings });
  if (name === 'embedded') return (await import('./drivers/embedded/checks.ts')).clusterChecks(context);
  const { problem } = await (await selectDriver(context)).driver.status();
  return [{ name: 'cluster', ok: problem === undefined, detail: problem ?? 'answers' }];
}
