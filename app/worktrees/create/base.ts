import { CoppiceError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/suggest.ts';
import { git } from '../../../git/command.ts';
import { type Look, type Ref, usualNames } from './look.ts';

/** What a new branch begins at. */
export interface Base {
  /** For people: `origin/main`, `v1.2`. */
  readonly name: string;
  /** Full sha. */
  readonly commit: string;
  /** The local branch that it is; absent for anything else. */
  readonly branch?: string;
}

const heads = 'refs/heads/';
const remotes = 'refs/remotes/';

/** The branch that others are merged into, as `defaultBranch` of git/branches.ts finds it. */
export function defaultName({ refs, config, worktrees }: Look): string | undefined {
  const target = refs.get(`${remotes}origin/HEAD`)?.target;
  if (target?.startsWith(`${remotes}origin/`)) return target.slice(`${remotes}origin/`.length);
  const usual = [config.get('init.defaultbranch'), ...usualNames];
  return usual.find((name) => name !== undefined && refs.has(heads + name)) ?? worktrees[0]?.branch;
}

/**
 * The default branch: its upstream where that is ahead, the local one where that has commits of its own. Without one it
 * is HEAD. Throws COPPICE_NO_COMMIT.
 */
export async function usualBase(look: Look, cwd: string): Promise<Base> {
  const name = defaultName(look);
  const local = name === undefined ? undefined : look.refs.get(heads + name);
  const upstream = name === undefined ? undefined : await upstreamOf(look, name, local);
  if (local !== undefined && (upstream === undefined || !(await isAhead(look, upstream, local)))) {
    return { name: name ?? '', commit: local.commit, branch: name ?? '' };
  }
  if (upstream !== undefined) return { name: upstream.name.slice(remotes.length), commit: upstream.commit };
  const head = await commitOf(cwd, 'HEAD');
  if (head !== undefined) return { name: 'HEAD', commit: head };
  throw new CoppiceError(
    'COPPICE_NO_COMMIT',
    `${look.main} has no commit yet, so there is nothing to branch from`,
    {
      hint: "make the first one: git commit --allow-empty -m 'Begin'",
    },
  );
}

async function upstreamOf(look: Look, name: string, local: Ref | undefined): Promise<Ref | undefined> {
  const full = local?.upstream ?? `${remotes}origin/${name}`;
  const known = look.refs.get(full);
  if (known !== undefined || local?.upstream === undefined) return known;
  if (!full.startsWith(remotes)) return undefined;
  const commit = await commitOf(look.main, full);
  return commit === undefined ? undefined : { name: full, commit };
}

async function isAhead({ main }: Look, upstream: Ref, local: Ref): Promise<boolean> {
  if (upstream.commit === local.commit) return false;
  return isAncestor(main, local.commit, upstream.commit);
}

export async function isAncestor(folder: string, older: string, younger: string): Promise<boolean> {
  return (await git(folder, 'merge-base', '--is-ancestor', older, younger)).code === 0;
}

/** What `--from` names: any branch, tag or commit. Throws COPPICE_NO_REF. */
export async function givenBase(look: Look, from: string, cwd: string): Promise<Base> {
  const commit = await commitOf(cwd, from);
  if (commit !== undefined)
    return { name: from, commit, ...(look.refs.has(heads + from) && { branch: from }) };
  const branches = [...look.refs.keys()].flatMap((name) =>
    name.startsWith(heads) ? [name.slice(heads.length)] : [],
  );
  throw new CoppiceError('COPPICE_NO_REF', `--from ${from} is no branch, tag or commit of this repository`, {
    hint: `${didYouMean(from, branches.slice(0, 20), 'branches')}; a commit of a remote has to be fetched first`,
  });
}

/** Full sha of the commit that a revision names; undefined when there is none. */
export async function commitOf(folder: string, revision: string): Promise<string | undefined> {
  const { code, stdout } = await git(
    folder,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  );
  return code === 0 ? stdout.trim() : undefined;
}
