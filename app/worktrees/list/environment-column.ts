import { existsSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { findSpec } from '../../../config/spec/find.ts';
import { paths } from '../../../core/paths.ts';
import type { LocalBranches } from '../../../git/base.ts';
import type { EnvironmentNow } from '../../environments/states.ts';
import type { Ports } from '../../ports.ts';
import type { ListedEnvironment, ListedWorktree } from './item.ts';
import type { Rows } from './rows.ts';

type Placing = typeof import('./environments.ts');

interface Asked {
  readonly branches: Promise<LocalBranches | undefined>;
  /** The orphans too, and the memory of all; else only what is in a row. */
  readonly whole: boolean;
}

/** Adds the state of each worktree's environment, and the orphans. Where there is no cluster, none is asked. */
export async function addEnvironments(
  rows: Rows,
  ports: Pick<Ports, 'cwd' | 'interrupts'>,
  { branches, whole }: Asked,
): Promise<void> {
  if (!existsSync(paths().clusterRecord)) return;
  const [placing, { environmentStates }, specFolder] = await Promise.all([
    import('./environments.ts'),
    import('../../environments/states.ts'),
    specFolderAt(rows, ports.cwd),
  ]);
  const household = placing.householdOf(rows.listing);
  const seen: EnvironmentNow[] = [];
  const states = await environmentStates(ports, {
    wanted: (owner) =>
      placing.isOf(household.repository, owner) && (whole || placing.placeOf(owner, household) !== undefined),
    worktreeOf: (owner) => placing.worktreeOf(owner, household),
    memory: whole,
    onState: (environment) => {
      seen.push(environment);
      place(rows, placing, [...new Map(seen.map((one) => [one.namespace, one])).values()]);
    },
  });
  if (states.kind === 'down') {
    const silence = { reason: `the cluster does not answer: ${states.reason}`, hint: states.hint };
    const whole = placing.householdOf(rows.listing, (await branches)?.names);
    const known = await placing.unknownEnvironments(whole, silence);
    rows.set({ silence });
    fill(rows, placing, known, (row) => placing.unknownIn(row, specFolder, silence));
  }
  if (states.kind !== 'seen') return;
  const { environments } = states;
  const names = (await branches)?.names;
  const orphans = place(rows, placing, environments, names);
  rows.set({ orphans });
  for (const row of rows.listing.worktrees)
    if (row.environments === undefined)
      rows.add(row.path, { environments: placing.absentIn(row, specFolder) });
}

/** Puts environments into the rows of their worktrees, and returns those that have none. */
function place(
  rows: Rows,
  placing: Placing,
  found: readonly EnvironmentNow[],
  branches?: ReadonlySet<string>,
): ListedEnvironment[] {
  const household = placing.householdOf(rows.listing, branches);
  const placed = found.map((one) => ({
    path: placing.placeOf(one, household),
    environment: placing.listed(one, household),
  }));
  for (const path of new Set(placed.map((one) => one.path)))
    if (path !== undefined)
      rows.add(path, {
        environments: placed.filter((one) => one.path === path).map(({ environment }) => environment),
      });
  return placed.filter(({ path }) => path === undefined).map(({ environment }) => environment);
}

/** The same of what is only known by its stacks. */
function fill(
  rows: Rows,
  placing: Placing,
  known: Awaited<ReturnType<Placing['unknownEnvironments']>>,
  otherwise: (row: ListedWorktree) => readonly ListedEnvironment[],
): void {
  const household = placing.householdOf(rows.listing);
  for (const row of rows.listing.worktrees) {
    const { path } = row;
    const here = known.filter(({ owner }) => placing.placeOf(owner, household) === path);
    rows.add(path, {
      environments: here.length === 0 ? otherwise(row) : here.map(({ environment }) => environment),
    });
  }
  const orphans = known.filter(({ owner }) => placing.placeOf(owner, household) === undefined);
  rows.set({ orphans: orphans.map(({ environment }) => environment) });
}

/** Where a worktree has its coppice.yaml, relative to its top: as the current one has it. */
async function specFolderAt(rows: Rows, cwd: string): Promise<string> {
  const here = rows.listing.worktrees.find(({ current }) => current);
  if (here === undefined) return '';
  const found = await findSpec(cwd).catch(() => undefined);
  return found === undefined ? '' : relative(here.path, dirname(found));
}
