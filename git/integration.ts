import { comparedReferences, isUsual, type UsualBranch, usualBranch } from './branches.ts';
import { git, gitWith } from './command.ts';

/** How the work of a branch is contained in another: the first that holds, in the order of what each costs. */
export type Integration =
  /** It points to the target's commit: also a branch on which nothing was done. */
  | 'same-commit'
  | 'ancestor'
  /** What the branch changed since it began is nothing. */
  | 'empty-diff'
  | 'equal-tree'
  /** To merge it would change nothing in the target: squashed, or rebased. */
  | 'merge'
  /** A commit of the target has the whole change of the branch, or each of its commits is there. */
  | 'patch-id';

/** What branches are compared with. */
export interface IntegrationTarget {
  /** For people: `main`, `origin/main`. */
  readonly name: string;
  /** Full name of the reference. */
  readonly ref: string;
  /** Full sha. */
  readonly tip: string;
}

/** A branch that is contained in a target, and how. */
export interface Integrated {
  readonly how: Integration;
  readonly target: IntegrationTarget;
}

/**
 * What branches of a repository are merged into: the default branch, or its upstream where that is strictly ahead; both
 * where the two have diverged. Empty in a repository without any commit. `usual`: the default branch, if it is known.
 */
export async function integrationTargets(folder: string, usual?: UsualBranch): Promise<IntegrationTarget[]> {
  const { name, references } = usual ?? (await usualBranch(folder));
  if (name === undefined) return [];
  const [local, remote] = [`refs/heads/${name}`, `refs/remotes/origin/${name}`];
  const known = isUsual(name) ? references : (await comparedReferences(folder, [local, remote])).references;
  const [branch, tracking] = [known.get(local), known.get(remote)];
  if (branch === undefined) return tracking === undefined ? [] : [targetOf(remote, tracking.tip)];
  const here = targetOf(local, branch.tip);
  const { upstream, track } = branch;
  if (!track.includes('behind')) return [here];
  const upstreamTip = upstream === remote ? tracking?.tip : await tipOf(folder, upstream);
  if (upstreamTip === undefined) return [here];
  const there = targetOf(upstream, upstreamTip);
  return track.includes('ahead') ? [here, there] : [there];
}

function targetOf(ref: string, tip: string): IntegrationTarget {
  return { name: ref.replace(/^refs\/(heads|remotes)\//, ''), ref, tip };
}

async function tipOf(folder: string, ref: string): Promise<string | undefined> {
  const { code, stdout } = await git(folder, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`);
  return code === 0 ? stdout.trim() : undefined;
}

/** A commit (full sha), in the repository of a folder, that may be contained in one of the targets. */
export interface Candidate {
  readonly folder: string;
  readonly tip: string;
  readonly targets: readonly IntegrationTarget[];
}

/**
 * How the work up to a commit is contained in one of the targets; undefined when that cannot be shown. Cheap checks
 * first: no process for the same commit, one for an ancestor, up to eight for a squashed branch. It writes at most
 * unreachable objects, which `git gc` collects. The simulated merge needs git 2.38 and is left out before.
 */
export async function integrationOf({ folder, tip, targets }: Candidate): Promise<Integrated | undefined> {
  const same = targets.find((target) => target.tip === tip);
  if (same !== undefined) return { how: 'same-commit', target: same };
  for (const target of targets) {
    const how = await integrationInto(folder, tip, target.tip);
    if (how !== undefined) return { how, target };
  }
  return undefined;
}

async function integrationInto(
  folder: string,
  tip: string,
  target: string,
): Promise<Integration | undefined> {
  const found = await git(folder, 'merge-base', target, tip);
  // 1: histories that have nothing in common, as in a shallow clone.
  const base = found.code === 0 ? found.stdout.trim() : undefined;
  if (base === tip) return 'ancestor';
  const trees = await treesOf(folder, [tip, target, ...(base === undefined ? [] : [base])]);
  if (trees === undefined) return undefined;
  const [tree, targetTree, baseTree] = trees;
  if (tree === baseTree) return 'empty-diff';
  if (tree === targetTree) return 'equal-tree';
  if (base === undefined) return undefined;
  if (await mergesToNothing(folder, tip, target, targetTree)) return 'merge';
  const work = { folder, tip, target, base, tree: tree ?? '' };
  return (await isSquashed(work)) || (await areAllPicked(work)) ? 'patch-id' : undefined;
}

async function treesOf(folder: string, commits: readonly string[]): Promise<string[] | undefined> {
  const { code, stdout } = await git(folder, 'rev-parse', ...commits.map((commit) => `${commit}^{tree}`));
  return code === 0 ? stdout.trim().split('\n') : undefined;
}

async function mergesToNothing(
  folder: string,
  tip: string,
  target: string,
  targetTree: string | undefined,
): Promise<boolean> {
  const { code, stdout } = await git(folder, 'merge-tree', '--write-tree', target, tip);
  return code === 0 && stdout.trim() === targetTree;
}

/** A branch that has diverged from its target. */
interface Diverged {
  readonly folder: string;
  readonly tip: string;
  readonly target: string;
  readonly base: string;
  /** Of the tip. */
  readonly tree: string;
}

/** Whether a commit of the target since the merge base has the whole change of the branch. */
async function isSquashed({ folder, target, base, tree }: Diverged): Promise<boolean> {
  const squashed = await gitWith(folder, { env: nobody }, 'commit-tree', tree, '-p', base, '-m', 'squashed');
  if (squashed.code !== 0) return false;
  const commit = squashed.stdout.trim();
  return haveEquals(folder, target, commit, [commit]);
}

/** The commit that stands for a squashed branch is the same object each time. */
const nobody: NodeJS.ProcessEnv = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'coppice'],
    [`GIT_${who}_EMAIL`, 'coppice@localhost'],
    [`GIT_${who}_DATE`, '1970-01-01T00:00:00Z'],
  ]),
);

/** A branch with more commits is compared as a whole only. */
const mostPicked = 200;

/** Whether the target has an equal of each commit: rebased or picked there, and changed further since. */
async function areAllPicked({ folder, tip, target }: Diverged): Promise<boolean> {
  const most = `--max-count=${mostPicked + 1}`;
  const { code, stdout } = await git(folder, 'rev-list', '--parents', most, tip, '--not', target);
  const commits = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
  if (code !== 0 || commits.length === 0 || commits.length > mostPicked) return false;
  // What a merge commit changed by itself has no patch id.
  if (commits.some((parents) => parents.length > 2)) return false;
  return haveEquals(
    folder,
    target,
    tip,
    commits.map(([commit = '']) => commit),
  );
}

/** Whether each of the commits that a tip has, and the target has not, changes the same as one of the target. */
async function haveEquals(
  folder: string,
  target: string,
  tip: string,
  commits: readonly string[],
): Promise<boolean> {
  const { code, stdout } = await git(
    folder,
    'rev-list',
    '--no-merges',
    '--cherry-mark',
    `${target}...${tip}`,
  );
  const equal = stdout.split('\n').flatMap((line) => (line.startsWith('=') ? [line.slice(1)] : []));
  if (code !== 0 || !commits.every((commit) => equal.includes(commit))) return false;
  const changes = await changesOf(folder, equal);
  const theirs = new Set(equal.filter((one) => !commits.includes(one)).map((one) => changes.get(one)));
  return commits.every((commit) => theirs.has(changes.get(commit)));
}

/**
 * What each commit changes, without line numbers. A patch id ignores white space, which can be all that a branch is
 * about: indentation, in Python.
 */
async function changesOf(folder: string, commits: readonly string[]): Promise<Map<string, string>> {
  const input = `${commits.join('\n')}\n`;
  const options = ['--stdin', '-p', '--root', '--full-index', '--binary', '--no-ext-diff', '--no-textconv'];
  const { stdout } = await gitWith(folder, { input }, 'diff-tree', ...options);
  const changes = new Map<string, string>();
  let current = '';
  for (const line of stdout.replace(/\n$/, '').split('\n')) {
    if (/^[0-9a-f]{40,64}$/.test(line)) current = line;
    else if (!/^(index |@@ )/.test(line)) changes.set(current, `${changes.get(current) ?? ''}${line}\n`);
  }
  return changes;
}
