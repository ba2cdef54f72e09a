import { CoppiceError } from '../../../core/errors.ts';
import type { Progress } from '../../../core/progress.ts';
import { git } from '../../../git/command.ts';
import { previousWorktree } from '../previous.ts';
import { type Base, commitOf, givenBase, isAncestor, usualBase } from './base.ts';
import { fetchRef } from './fetch.ts';
import { type Look, lookAt } from './look.ts';
import { type PullRequest, pullRequestOf } from './pull-request.ts';

/** Where a branch comes from. */
export interface Source {
  readonly branch: string;
  /** What a new branch begins at; absent for one that exists. */
  readonly base?: Base;
  /** What `git pull` of a new branch follows. */
  readonly upstream?: { readonly remote: string; readonly merge: string };
  /** Fetched into a reference of ours: removed afterwards. */
  readonly fetched?: Fetched;
  readonly notes: readonly string[];
}

/** The latest commit of a pull request whose branch may exist. */
interface Fetched {
  readonly ref: string;
  readonly commit: string;
  /** `#12 of origin` */
  readonly what: string;
}

export interface Asked {
  readonly name: string;
  readonly from?: string | undefined;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly screen: Progress;
}

/** Milliseconds that a remote gets to say whether it has a branch of a name that is new here. */
const PROBE_MS = 8_000;
/** Milliseconds that a fetch of what the user named may take. */
const FETCH_MS = 600_000;
const heads = 'refs/heads/';

/** The branch that a name means, with what is known of the repository. */
export interface Resolved {
  readonly look: Look;
  readonly source: Source;
}

/**
 * Resolves a name: a branch, `origin/branch`, `pr:12`, the address of a pull request, or `-`. Throws
 * COPPICE_BRANCH_NAME, COPPICE_BRANCH_EXISTS, COPPICE_NO_REF, COPPICE_NO_PREVIOUS, COPPICE_AMBIGUOUS, COPPICE_FETCH,
 * COPPICE_NO_COMMIT, COPPICE_INTERRUPTED, and what git throws.
 */
export async function resolveSource(asked: Asked): Promise<Resolved> {
  const request = pullRequestOf(asked.name);
  if (request !== undefined) {
    const look = await lookAt(asked.cwd, []);
    refuseFrom(asked, `${asked.name} says what it is created from`);
    return { look, source: await fromRequest(look, request, asked) };
  }
  if (asked.name === '-') return resolvePrevious(asked);
  const name = asked.name.replace(/^refs\/heads\//, '');
  const short = name.slice(name.indexOf('/') + 1);
  const look = await lookAt(asked.cwd, patternsOf(name, short));
  return { look, source: await fromName(look, { ...asked, name }) };
}

/** A name with characters that git's patterns interpret cannot be a branch's. */
function patternsOf(...names: readonly string[]): string[] {
  return names.filter((name) => name !== '' && !/[*?[\\\s]/.test(name));
}

async function resolvePrevious(asked: Asked): Promise<Resolved> {
  const look = await lookAt(asked.cwd, []);
  const before = await previousWorktree(look.repository, look.current?.path);
  const there = look.worktrees.find(({ path }) => path === before?.path);
  const branch = there?.branch ?? before?.branch;
  if (branch === undefined) {
    throw new CoppiceError('COPPICE_NO_PREVIOUS', 'there is no worktree before this one', {
      hint: '`wt create BRANCH` and `wt switch BRANCH` remember where you were',
    });
  }
  return { look, source: await fromName(look, { ...asked, name: branch }) };
}

async function fromName(look: Look, asked: Asked): Promise<Source> {
  const { name, from, cwd } = asked;
  if (look.refs.has(heads + name)) return existing(look, asked);
  const remote = [...look.remotes.keys()].find(
    (known) => name.startsWith(`${known}/`) && name !== `${known}/`,
  );
  if (remote !== undefined) {
    refuseFrom(asked, `${name} is a branch of ${remote}`);
    return fromRemote(look, remote, name.slice(remote.length + 1), asked);
  }
  await requireBranchName(look, name);
  refuseConflicts(look, name);
  if (from !== undefined) return { branch: name, base: await givenBase(look, from, cwd), notes: [] };
  const known = [...look.remotes.keys()].filter((each) => look.refs.has(`refs/remotes/${each}/${name}`));
  const [one] = known.length > 1 ? [oneOf(look, known, name)] : known;
  if (one !== undefined) return fromRemote(look, one, name, asked);
  if (look.refs.has(`refs/tags/${name}`)) throw tagError(name);
  return fromAnyRemote(look, asked);
}

async function existing(look: Look, { name, from, cwd }: Asked): Promise<Source> {
  if (from === undefined || look.worktrees.some(({ branch }) => branch === name))
    return { branch: name, notes: [] };
  const [base, tip] = [await givenBase(look, from, cwd), look.refs.get(heads + name)?.commit];
  if (base.commit === tip) return { branch: name, notes: [] };
  throw new CoppiceError(
    'COPPICE_BRANCH_EXISTS',
    `the branch ${name} exists, at ${tip?.slice(0, 8)} and not at ${from}`,
    {
      hint: `\`wt create ${name}\` without --from takes it as it is; a new branch needs another name`,
    },
  );
}

function refuseFrom({ from }: Asked, why: string): void {
  if (from === undefined) return;
  throw new CoppiceError('COPPICE_USAGE', `--from ${from} is for a new branch, and ${why}`, {
    hint: 'leave --from out, or pass the name of a new branch',
  });
}

/** A name is new here, and may be a branch that somebody else has pushed. */
async function fromAnyRemote(look: Look, asked: Asked): Promise<Source> {
  const { name, cwd } = asked;
  const answers = await Promise.all(
    [...look.remotes.keys()].map(async (remote) => {
      const wanted = { remote, theirs: heads + name, ours: `refs/remotes/${remote}/${name}` };
      return { remote, fetched: await fetchRef(look, wanted, { ...asked, within: PROBE_MS }) };
    }),
  );
  const found = answers.flatMap(({ remote, fetched }) => (fetched.kind === 'found' ? [remote] : []));
  const notes = answers.flatMap(({ remote, fetched }) =>
    fetched.kind === 'unreachable'
      ? [`${remote} could not be asked whether it has a branch ${name}: ${fetched.why}`]
      : [],
  );
  if (found.length === 0) return { branch: name, base: await usualBase(look, cwd), notes };
  return {
    ...(await tracking(look, found.length === 1 ? (found[0] ?? '') : oneOf(look, found, name), name)),
    notes,
  };
}

function oneOf({ config }: Look, remotes: readonly string[], name: string): string {
  const usual = config.get('checkout.defaultremote');
  if (usual !== undefined && remotes.includes(usual)) return usual;
  const all = remotes.map((remote) => `${remote}/${name}`).join(' and ');
  throw new CoppiceError('COPPICE_AMBIGUOUS', `${name} is a branch of several remotes: ${all}`, {
    hint: `name one: wt create ${remotes[0]}/${name}`,
  });
}

async function fromRemote(look: Look, remote: string, name: string, asked: Asked): Promise<Source> {
  if (look.refs.has(heads + name)) return { branch: name, notes: [] };
  await requireBranchName(look, name);
  refuseConflicts(look, name);
  const wanted = { remote, theirs: heads + name, ours: `refs/remotes/${remote}/${name}` };
  const fetched = await fetchRef(look, wanted, { ...asked, within: FETCH_MS });
  const known = look.refs.has(wanted.ours) || (await commitOf(look.main, wanted.ours)) !== undefined;
  if (fetched.kind === 'found') return tracking(look, remote, name);
  const why =
    fetched.kind === 'absent'
      ? `${remote} has no branch ${name}`
      : `${remote} does not answer: ${fetched.why}`;
  // A branch that its remote deleted, or a train: what was fetched last is what the user has.
  if (known)
    return {
      ...(await tracking(look, remote, name)),
      notes: [`${why}; ${remote}/${name} is as it was fetched last`],
    };
  if (fetched.kind === 'unreachable') throw fetchError(remote, look, fetched.why);
  throw new CoppiceError('COPPICE_NO_REF', why, { hint: `git ls-remote --heads ${remote}` });
}

async function tracking(look: Look, remote: string, name: string): Promise<Source> {
  const commit = await commitOf(look.main, `refs/remotes/${remote}/${name}`);
  if (commit === undefined) throw new CoppiceError('COPPICE_NO_REF', `${remote} has no branch ${name}`);
  return {
    branch: name,
    base: { name: `${remote}/${name}`, commit },
    upstream: { remote, merge: heads + name },
    notes: [],
  };
}

function fetchError(remote: string, { remotes }: Look, why: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_FETCH',
    `${remote} (${remotes.get(remote)}) could not be fetched from: ${why}`,
    {
      hint: `git fetch ${remote}`,
    },
  );
}

/** The latest commit of a pull or merge request, by the references that its host keeps: no remote is added for a fork. */
async function fromRequest(look: Look, request: PullRequest, asked: Asked): Promise<Source> {
  const { name } = asked;
  const branch = `pr-${request.number}`;
  const problems: string[] = [];
  for (const { remote, theirs } of request.places(look.remotes)) {
    const ours = `refs/coppice/fetched/${process.pid}-${branch}`;
    const fetched = await fetchRef(look, { remote, theirs, ours }, { ...asked, within: FETCH_MS });
    if (fetched.kind === 'unreachable') problems.push(`${remote}: ${fetched.why}`);
    if (fetched.kind !== 'found') continue;
    const commit = (await commitOf(look.main, ours)) ?? '';
    const what = `#${request.number} of ${remote}`;
    if (look.refs.has(heads + branch)) return { branch, fetched: { ref: ours, commit, what }, notes: [] };
    const upstream = { remote, merge: theirs };
    return {
      branch,
      base: { name: what, commit },
      upstream,
      fetched: { ref: ours, commit, what },
      notes: [],
    };
  }
  if (look.refs.has(heads + branch) && problems.length > 0)
    return { branch, notes: [`${branch} is as it was fetched last: ${problems.join('; ')}`] };
  if (look.remotes.size === 0) {
    throw new CoppiceError('COPPICE_NO_REF', `${name}: this repository has no remote`, {
      hint: 'git remote add origin URL',
    });
  }
  if (problems.length > 0)
    throw new CoppiceError('COPPICE_FETCH', `${name} could not be fetched: ${problems.join('; ')}`);
  const remotes = [...look.remotes.keys()].join(', ');
  throw new CoppiceError('COPPICE_NO_REF', `no pull or merge request ${request.number} at ${remotes}`, {
    hint: `git ls-remote ${look.remotes.keys().next().value} 'refs/pull/*/head' 'refs/merge-requests/*/head'`,
  });
}

/** Moves a branch of a pull request on, where it has no commits of its own. Returns what a user should know. */
export async function moveOn(look: Look, { branch, fetched }: Source): Promise<string | undefined> {
  const before = look.refs.get(heads + branch)?.commit;
  if (fetched === undefined || before === undefined || before === fetched.commit) return undefined;
  const stays = `${branch} was left as it is: it has commits that ${fetched.what} does not have`;
  if (!(await isAncestor(look.main, before, fetched.commit))) return stays;
  const holder = look.worktrees.find(
    (worktree) => worktree.branch === branch && worktree.prunable === undefined,
  );
  const { code, stderr } =
    holder === undefined
      ? await git(look.main, 'update-ref', heads + branch, fetched.commit, before)
      : await git(holder.path, 'merge', '--ff-only', '--quiet', fetched.commit);
  if (code === 0)
    return `${branch} was moved on to ${fetched.commit.slice(0, 8)}, the latest of ${fetched.what}`;
  return `${branch} was left as it is: ${stderr.trim().split('\n')[0]}`;
}

/** Bytes of a part of a branch's name: it is a file, and git adds `.lock` to it. */
const LONGEST_PART = 255 - '.lock'.length;

/** Git's own rule; a plain name needs no process to know it. */
async function requireBranchName({ main }: Look, name: string): Promise<void> {
  if (name.split('/').some((part) => Buffer.byteLength(part) > LONGEST_PART)) {
    throw new CoppiceError('COPPICE_BRANCH_NAME', `${name.slice(0, 40)}… is too long for a branch`, {
      hint: `choose a shorter name: at most ${LONGEST_PART} bytes between two slashes`,
    });
  }
  const plain = /^[A-Za-z0-9_]+([./-]?[A-Za-z0-9_]+)*$/.test(name) && !/\.lock(\/|$)/.test(name);
  if (plain && name !== 'HEAD') return;
  const { code } = await git(main, 'check-ref-format', `refs/heads/${name}`);
  if (code === 0 && name !== 'HEAD' && !name.startsWith('-') && name !== '@') return;
  const near = name.replace(/[^\p{L}\p{N}._/-]+/gu, '-').replace(/\.{2,}|^[-./]+|[-./]+$|\.lock$/g, '');
  throw new CoppiceError('COPPICE_BRANCH_NAME', `${JSON.stringify(name)} cannot be the name of a branch`, {
    hint: near === '' || near === name ? 'git help check-ref-format' : `for example: wt create ${near}`,
  });
}

/** Git keeps `feat/x` in a folder `feat`, so there cannot be a branch `feat` beside it. */
function refuseConflicts({ refs }: Look, name: string): void {
  const taken = [...refs.keys()]
    .filter((ref) => ref.startsWith(heads))
    .map((ref) => ref.slice(heads.length))
    .find((branch) => name.startsWith(`${branch}/`) || branch.startsWith(`${name}/`));
  if (taken === undefined) return;
  throw new CoppiceError(
    'COPPICE_BRANCH_NAME',
    `there is a branch ${taken}, so git cannot have one called ${name}`,
    { hint: `choose another name, or: git branch -m ${taken} NEW-NAME` },
  );
}

function tagError(name: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_BRANCH_NAME',
    `${name} is a tag, and a branch of that name would be ambiguous`,
    {
      hint: `name a new branch: wt create BRANCH --from ${name}`,
    },
  );
}
