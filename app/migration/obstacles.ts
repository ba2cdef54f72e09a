import { statfs } from 'node:fs/promises';
import type { ClusterDriver } from '../../cluster/driver.ts';
import { requireRoot } from '../../cluster/drivers/embedded/preflight.ts';
import { isBelow } from '../../config/plan/source.ts';
import type { Settings } from '../../config/settings/settings.ts';
import { CoppiceError } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import { publishedParts } from '../../core/part-facts.ts';
import { paths } from '../../core/paths.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { size } from '../../core/text/size.ts';
import type { SetAside } from '../clusters/set-aside.ts';
import { environmentIn } from './environments.ts';
import { type Movable, type MovedEnvironment, movable } from './journal.ts';
import { bytesOf, type MigrationPlan } from './plan.ts';

/** The driver that `--to` names. Throws COPPICE_USAGE. */
export function movableTo(named: string | undefined): Movable {
  const found = movable.find((driver) => driver === named);
  if (found !== undefined) return found;
  throw new CoppiceError(
    'COPPICE_USAGE',
    named === undefined ? '--to must name the driver to move to' : `environments cannot move to ${named}`,
    { hint: `wt cluster migrate --to ${movable.join(' or --to ')}` },
  );
}

/** The driver of the old cluster. Throws COPPICE_NO_CLUSTER, COPPICE_NOT_OURS. */
export function movableFrom(record: ClusterRecord | undefined, to: Movable): Movable {
  const found = movable.find((driver) => driver === record?.driver);
  if (found !== undefined) return found;
  if (record === undefined) {
    throw new CoppiceError('COPPICE_NO_CLUSTER', 'there is no cluster to move environments from', {
      hint: `wt cluster start --driver ${to}`,
    });
  }
  throw new CoppiceError(
    'COPPICE_NOT_OURS',
    `environments of context ${record.context} are not ours to move`,
    {
      hint: `wt cluster start --driver ${to} starts your own cluster; wt up brings each worktree up in it`,
    },
  );
}

/** One of the two is the embedded cluster, which only root starts and stops. Throws COPPICE_NOT_ROOT. */
export function refuseUnprivileged(to: Movable): void {
  if (process.platform === 'linux') requireRoot(`migrate --to ${to}`);
}

/** The settings would override the new cluster with the next command. Throws COPPICE_DRIVER_SET. */
export function refuseOtherDriver({ driver, existing }: Settings, to: Movable): void {
  const configured = driver ?? (existing === undefined ? undefined : 'existing');
  if (configured === undefined || configured === to) return;
  const line = driver === undefined ? '`existing:`' : `\`driver: ${driver}\``;
  throw new CoppiceError(
    'COPPICE_DRIVER_SET',
    `your settings say ${line}, which overrides a migration to ${to}`,
    {
      hint: `remove that line from ${paths().settings}, or write \`driver: ${to}\`, then run this again`,
    },
  );
}

/** A cluster with its own environments is not overwritten. Throws COPPICE_TARGET_IN_USE. */
export function refuseUsedTarget(aside: SetAside | undefined, to: Movable): void {
  const names = (aside?.stacks ?? []).flatMap(({ state }) => {
    const claim = environmentIn(state)?.claim;
    return claim === undefined ? [] : [environmentName(claim.app, claim.slug)];
  });
  if (names.length === 0) return;
  throw new CoppiceError(
    'COPPICE_TARGET_IN_USE',
    `your earlier ${to} cluster has its own environments: ${names.join(', ')}`,
    {
      hint: `if they are no longer needed: wt cluster reset --driver ${to}; to go back to them as they are: wt cluster stop, then wt cluster start --driver ${to}`,
    },
  );
}

/** Throws COPPICE_OUTSIDE_ROOTS when the nodes of the new cluster would not see a worktree. */
export function refuseUnseen(environments: readonly MovedEnvironment[], roots: readonly string[]): void {
  const unseen = environments.filter(
    ({ specFolder }) => specFolder !== undefined && !roots.some((root) => isBelow(specFolder, root)),
  );
  if (unseen.length === 0) return;
  const lines = unseen.map(({ app, slug, specFolder }) => `  ${environmentName(app, slug)} in ${specFolder}`);
  throw new CoppiceError(
    'COPPICE_OUTSIDE_ROOTS',
    [`nodes of k3d would see only folders below ${roots.join(', ')}, and not:`, ...lines].join('\n'),
    { hint: `add their folders to k3d.roots in ${paths().settings}` },
  );
}

/** Throws COPPICE_DISK_FULL when the dumps may not fit. */
export async function refuseFullDisk(plan: MigrationPlan): Promise<void> {
  const { data } = paths();
  const { bavail, bsize } = await statfs(data);
  const [needed, free] = [bytesOf(plan), bavail * bsize];
  if (free > needed) return;
  throw new CoppiceError(
    'COPPICE_DISK_FULL',
    `the dumps take up to ${size(needed)}, and ${size(free)} are free in ${data}`,
    { hint: 'free some space; wt db list shows what takes it' },
  );
}

/**
 * Ports of 127.0.0.1 that a running cluster uses.
 *
 * @internal Exported for its test, which passes recorded values.
 */
export function portsOf(record: ClusterRecord): number[] {
  return [record.http, ...publishedParts.map((part) => record[part])].flatMap((place) => place?.port ?? []);
}

/** Throws what the start of the new cluster would, as far as it is known now. */
export async function refuseTarget(target: ClusterDriver, record: ClusterRecord): Promise<void> {
  await target.check(portsOf(record));
}
