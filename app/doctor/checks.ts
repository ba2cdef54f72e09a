import { clusterChecks, type DriverName } from '../../cluster/select.ts';
import { loadSettings } from '../../config/settings/settings.ts';
import type { Check } from '../../core/check.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { isThere } from '../../core/files.ts';
import { onDemandParts } from '../../core/part-facts.ts';
import { paths } from '../../core/paths.ts';
import { outcomeOf } from '../../core/run.ts';
import { readClusterRecord } from '../../core/state/cluster-record.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { parts } from '../../platform/parts.ts';
import { listPrograms, type ProgramStatus, runsOn } from '../../toolchain/toolchain.ts';
import { chosenDriver } from '../clusters/clusters.ts';
import { roomChecks } from '../clusters/room.ts';
import { withPartContext } from '../platform/part-context.ts';
import type { Ports } from '../ports.ts';
import { dataFileChecks } from './data-files.ts';
import { environmentChecks } from './environment.ts';
import { platformChecks } from './platform.ts';
import { stateChecks } from './states.ts';

export interface Section {
  readonly title: string;
  readonly checks: readonly Check[];
}

type TitledChecks = readonly [title: string, check: () => Promise<readonly Check[]>];

/** Runs all sections side by side; none can stop another. */
export async function checkEverything(ports: Ports): Promise<Section[]> {
  const sections: readonly TitledChecks[] = [
    ['this machine', machineChecks],
    ['programs', () => programChecks(ports)],
    ['cluster', () => clusterSection(ports)],
    ['platform', platformChecks],
    ...partSections(ports),
    ['states', async () => [...(await stateChecks()), ...(await dataFileChecks()), ...(await roomChecks())]],
    ['environment of this folder', () => environmentChecks(ports)],
  ];
  return Promise.all(
    sections.map(async ([title, check]) => ({ title, checks: await withProblems(title, check) })),
  );
}

/** An error from a check is a finding too. */
async function withProblems(name: string, check: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await check();
  } catch (error) {
    const fix = error instanceof CoppiceError ? error.hint : undefined;
    return [{ name, ok: false, detail: messageOf(error), ...defined({ fix }) }];
  }
}

/** The sections of each part that joins on demand. */
function partSections(ports: Ports): TitledChecks[] {
  return onDemandParts.flatMap((part) =>
    parts[part].sections.map(
      ({ title, checks }): TitledChecks => [
        title,
        async () => {
          const [record, joined] = await Promise.all([readClusterRecord(), readPlatformParts()]);
          if (record === undefined || !joined[part]) return checks(record, undefined);
          return withPartContext(record, ports, (context) => checks(record, context));
        },
      ],
    ),
  );
}

async function machineChecks(): Promise<Check[]> {
  const [git, settings] = await Promise.all([gitCheck(), settingsCheck()]);
  return [{ name: 'node', ok: true, detail: `${process.version} at ${process.execPath}` }, git, settings];
}

/** `--path-format`, which finds worktrees, came with git 2.31; `worktree list -z` with 2.36. */
async function gitCheck(): Promise<Check> {
  const fix = 'install git 2.36 or newer';
  const { code, stdout } = await outcomeOf('git', ['--version']);
  if (code !== 0) return { name: 'git', ok: false, detail: 'is not on PATH', fix };
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  const ok = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 36);
  return { name: 'git', ok, detail: stdout.trim(), ...(ok ? {} : { fix }) };
}

async function settingsCheck(): Promise<Check> {
  const file = paths().settings;
  try {
    await loadSettings(file);
    const detail = (await isThere(file)) ? file : `the defaults, as there is no ${file}`;
    return { name: 'settings', ok: true, detail };
  } catch (error) {
    return { name: 'settings', ok: false, detail: messageOf(error), fix: `correct ${file}` };
  }
}

async function programChecks(ports: Ports): Promise<Check[]> {
  // Without a driver there is no cluster either; the cluster's section reports why.
  const driver = await chosenDriver(ports).then(
    ({ driver }) => driver.name,
    () => undefined,
  );
  return neededPrograms(await listPrograms(), driver).map(({ name, version, state, detail }) => ({
    name,
    ok: state === 'ready',
    detail: `${version}, ${state === 'ready' ? detail : `missing; would come from: ${detail}`}`,
    fix: 'wt toolchain install',
  }));
}

/** Installed by the verb that first needs them: `wt env`, `engine: sqlite`, and a volume for databases. */
const onDemand: readonly string[] = ['kubectl', 'sqlite3', 'mkfs.xfs'];

/**
 * The programs that are there, and those that the driver cannot do without. Programs of the embedded cluster are not
 * required elsewhere: what a Mac needs is enough.
 *
 * @internal Exported for its test, which passes facts from other machines.
 */
export function neededPrograms(
  programs: readonly ProgramStatus[],
  driver: DriverName | undefined,
): ProgramStatus[] {
  const createsCluster = driver === undefined || driver === 'embedded';
  const isNeeded = (name: string) => {
    if (onDemand.includes(name)) return false;
    return name === 'k3d' ? driver === 'k3d' : createsCluster || runsOn('darwin', name);
  };
  return programs.filter(
    ({ name, state }) => state === 'ready' || (state !== 'other-system' && isNeeded(name)),
  );
}

async function clusterSection(ports: Ports): Promise<Check[]> {
  const { driver, reason, settings } = await chosenDriver(ports);
  const [{ state, problem }, record, machine] = await Promise.all([
    driver.status(),
    readClusterRecord(),
    clusterChecks({ settings, progress: ports.screen }),
  ]);
  const start =
    driver.name === 'embedded' && process.getuid?.() !== 0 ? 'sudo wt cluster start' : 'wt cluster start';
  return [
    { name: 'driver', ok: true, detail: `${driver.name}: ${reason}` },
    {
      name: 'state',
      ok: state === 'running',
      detail: problem ?? state,
      fix: start,
    },
    {
      name: 'record',
      ok: record !== undefined,
      detail: record ? `context ${record.context} of ${record.kubeconfig}` : 'no cluster was ever started',
      fix: start,
    },
    ...machine,
  ];
}
