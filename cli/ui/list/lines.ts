import { relative } from 'node:path';
import type {
  ListedEnvironment,
  ListedWorktree,
  Listing,
  ListProblem,
} from '../../../app/worktrees/list/item.ts';
import { environmentName } from '../../../core/names.ts';
import { age } from '../../../core/text/duration.ts';
import { size } from '../../../core/text/size.ts';
import { cutTo, onOneLine } from '../../../core/text/width.ts';
import { type Column, tableLines } from './fit.ts';

/** How a list is shown. */
export interface ListView {
  /** Absolute path; paths are shown as they are reached from it. */
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Columns of the terminal; all that there is when absent. */
  readonly width?: number | undefined;
  /** All reasons and the whole of them, not the first. */
  readonly verbose: boolean;
  /** More is to come: what is not known yet is a dot. */
  readonly loading: boolean;
}

/** A line of the table: a worktree with one of its environments, or an environment without a worktree. */
interface Line {
  readonly worktree?: ListedWorktree;
  readonly environment?: ListedEnvironment | undefined;
  /** Whether the worktree's own facts are in an earlier line. */
  readonly further: boolean;
}

/** What stands in the place of something that is not known yet. */
const PENDING = '·';
/** The longest reason of a lock beside a branch. */
const LOCK_WIDTH = 32;

/** The lines of one repository, as wide as the terminal at most. */
export function listLines(listing: Listing, view: ListView): string[] {
  const { worktrees, orphans = [], silence, problem } = listing;
  const lines = [...worktrees.flatMap(linesOf), ...orphans.map(orphanLine)];
  const table = lines.length === 0 ? [] : tableLines(columnsOf(listing, view), lines, view.width);
  const below = [
    ...(problem ? [problemText(listing.repository, problem)] : []),
    ...(silence ? [`${silence.reason}; try: ${silence.hint}`] : []),
    ...worktrees.flatMap((row) => (row.problem ? [problemText(row.path, row.problem)] : [])),
    ...reasonTexts(listing, view),
  ].map(onOneLine);
  const cut =
    view.width === undefined || view.verbose ? below : below.map((text) => cutTo(text, view.width ?? 0));
  return cut.length === 0 || table.length === 0 ? [...table, ...cut] : [...table, '', ...cut];
}

function linesOf(worktree: ListedWorktree): Line[] {
  const [first, ...others] = worktree.environments ?? [];
  return [
    { worktree, environment: first, further: false },
    ...others.map((environment) => ({ worktree, environment, further: true })),
  ];
}

function orphanLine(environment: ListedEnvironment): Line {
  return { environment, further: true };
}

function problemText(path: string, { message, hint }: ListProblem): string {
  const where = message.includes(path) ? message : `${path}: ${message}`;
  return hint === undefined ? where : `${where}; try: ${hint}`;
}

/** States whose name says everything. */
const plain: readonly string[] = ['up', 'stopped', 'absent'];

function reasonTexts({ worktrees, orphans = [], silence }: Listing, { verbose }: ListView): string[] {
  const environments = [...worktrees.flatMap((row) => row.environments ?? []), ...orphans];
  return environments.flatMap(({ app, slug, state, reasons, renamedTo }) => {
    const isPlain = (plain.includes(state) || silence !== undefined) && renamedTo === undefined;
    if (isPlain && !(verbose && state === 'up' && reasons.length > 0)) return [];
    const name = environmentName(app, slug);
    // Of a renamed branch the second says what to type.
    return (verbose ? reasons : reasons.slice(0, renamedTo === undefined ? 1 : 2)).map(
      (reason) => `${name}: ${state}: ${reason}`,
    );
  });
}

function columnsOf({ defaultBranch }: Listing, view: ListView): Column<Line>[] {
  const own = (cell: (row: ListedWorktree) => string) => (line: Line) =>
    line.worktree === undefined || line.further ? '' : cell(line.worktree);
  const of = (cell: (environment: ListedEnvironment) => string) => (line: Line) =>
    line.environment === undefined ? '' : cell(line.environment);
  const later = <T>(value: T | null | undefined, text: (value: T) => string) => {
    if (value === undefined) return view.loading ? PENDING : '';
    return value === null ? '-' : text(value);
  };
  return [
    { title: '  Branch', priority: 0, cell: branchCell },
    { title: 'State', priority: 1, cell: of(({ state }) => state) },
    { title: 'Changes', priority: 2, cell: own(({ changes }) => later(changes, changesText)) },
    {
      title: defaultBranch === undefined ? 'Ahead' : `To ${defaultBranch}`,
      priority: 3,
      cell: own(({ divergence, head }) =>
        head === undefined ? '' : later(divergence, ({ ahead, behind }) => divergenceText(ahead, behind)),
      ),
    },
    { title: 'Agent', priority: 4, cell: own(({ agents }) => later(agents, agentsText)) },
    { title: 'URL', priority: 6, cell: of(({ urls }) => urls[0]?.url ?? '') },
    {
      title: 'Age',
      priority: 5,
      cell: own(({ lastActivity }) => later(lastActivity, (at) => age(view.now - at))),
    },
    { title: 'Database', priority: 9, cell: of(({ database }) => database?.name ?? '') },
    {
      title: 'Memory',
      priority: 8,
      cell: of(({ memory }) => (memory === undefined ? '' : size(memory))),
    },
    { title: 'Notes', priority: 7, cell: own(notes) },
    { title: 'Path', priority: 10, cell: own(({ path }) => onOneLine(relative(view.cwd, path) || '.')) },
  ];
}

function branchCell({ worktree, environment, further }: Line): string {
  if (!further && worktree) return `${worktree.current ? '*' : ' '} ${onOneLine(worktree.name)}`;
  if (environment === undefined) return '';
  return `  ${worktree ? '  ' : ''}${environmentName(environment.app, environment.slug)}`;
}

/** `+` staged, `~` modified, `?` untracked, `!` in conflict, each with how many. */
export function changesText({
  staged,
  modified,
  untracked,
  conflicted,
}: NonNullable<ListedWorktree['changes']>): string {
  const marks = [
    ['!', conflicted],
    ['+', staged],
    ['~', modified],
    ['?', untracked],
  ] as const;
  return marks
    .filter(([, count]) => count > 0)
    .map(([mark, count]) => `${mark}${count}`)
    .join(' ');
}

export function divergenceText(ahead: number, behind: number): string {
  return [ahead > 0 ? `↑${ahead}` : '', behind > 0 ? `↓${behind}` : ''].filter(Boolean).join(' ');
}

function agentsText(agents: NonNullable<ListedWorktree['agents']>): string {
  const names = [...new Set(agents.flatMap(({ agent }) => agent ?? []))];
  return names
    .map((name) => {
      const count = agents.filter(({ agent }) => agent === name).length;
      return count > 1 ? `${name} ×${count}` : name;
    })
    .join(', ');
}

function notes({ main, detached, locked, prunable, operation }: ListedWorktree): string {
  return [
    ...(main ? ['main worktree'] : []),
    ...(detached ? ['detached'] : []),
    ...(operation ? [operation] : []),
    ...(prunable === undefined ? [] : ['folder gone']),
    ...(locked === undefined ? [] : [lockText(locked)]),
  ].join(', ');
}

function lockText(reason: string): string {
  return reason === '' ? 'locked' : `locked: ${cutTo(onOneLine(reason), LOCK_WIDTH)}`;
}
