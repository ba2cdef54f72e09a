import { type Owner, ownerOf } from '../../../core/owner.ts';
import { isSameRepository } from '../../../core/state/moved-repositories.ts';
import type { TemporalPlace } from '../place.ts';

/** The owner of a namespace. */
export interface NamespaceOwner extends Owner {
  /**
   * uid of the environment's cluster, where a server serves several: the path of a repository is the same on many
   * machines. The platform's server serves only its own cluster.
   */
  readonly cluster?: string;
}

/** `asker`: an environment, the uid of its cluster, and the server of the namespace. */
export function namespaceOwner(
  asker: Owner & { readonly cluster: string; readonly server: TemporalPlace },
): NamespaceOwner {
  const { server, cluster } = asker;
  return { ...ownerOf(asker), ...(server.kind === 'managed' ? { cluster } : {}) };
}

/** The data of our namespaces: they survive even if Pulumi's state does not. */
export interface Mark extends NamespaceOwner {
  /** ISO 8601. */
  readonly created: string;
  /** Distinguishes two processes that create the same namespace at once. */
  readonly attempt: string;
}

const prefix = 'coppice.dev/';
const always = ['app', 'environment', 'repository', 'branch', 'worktree', 'created', 'attempt'] as const;
const fields = [...always, 'cluster'] as const;

/** A mark, or the changed fields of one, as the data of a namespace: `coppice.dev/app: shop`. */
export function markData(mark: Partial<Mark>): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = mark[field];
      return value === undefined ? [] : [[`${prefix}${field}`, value]];
    }),
  );
}

/** Undefined when these data are not a mark of ours. */
export function readMark(data: Readonly<Record<string, string>> | null | undefined): Mark | undefined {
  const entries = fields.flatMap((field) => {
    const value = data?.[`${prefix}${field}`];
    return value === undefined ? [] : [[field, value] as const];
  });
  const mark = Object.fromEntries(entries) as Partial<Mark>;
  return always.every((field) => mark[field] !== undefined) ? (mark as Mark) : undefined;
}

/** Worktree and repository may have moved, or another one may have checked out the branch: both are the same owner. */
export function isSameOwner(one: NamespaceOwner, other: NamespaceOwner): boolean {
  const same = (['app', 'environment', 'branch', 'cluster'] as const).every(
    (field) => one[field] === other[field],
  );
  return same && isSameRepository(one.repository, other.repository);
}
