import { type Owner, ownerOf } from '../../../core/owner.ts';
import type { TemporalPlace } from '../place.ts';

/** Whose a namespace is. */
export interface NamespaceOwner extends Owner {
  /**
   * uid of the cluster that has the environment, where a server serves several: the path of a repository is the same on
   * many machines. The platform's has only those of its own cluster.
   */
  readonly cluster?: string;
}

/** `asker`: an environment, the uid of its cluster, and the server that has the namespace. */
export function namespaceOwner(
  asker: Owner & { readonly cluster: string; readonly server: TemporalPlace },
): NamespaceOwner {
  const { server, cluster } = asker;
  return { ...ownerOf(asker), ...(server.kind === 'managed' ? { cluster } : {}) };
}

/** What the data of a namespace of ours say: they survive everything that Pulumi's state may not. */
export interface Mark extends NamespaceOwner {
  /** ISO 8601. */
  readonly created: string;
  /** Tells apart two that create the same namespace at once. */
  readonly attempt: string;
}

const prefix = 'coppice.dev/';
const always = ['app', 'environment', 'repository', 'branch', 'worktree', 'created', 'attempt'] as const;
const fields = [...always, 'cluster'] as const;

/** A mark, or what changes of it, as the data of a namespace: `coppice.dev/app: shop`. */
export function markData(mark: Partial<Mark>): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = mark[field];
      return value === undefined ? [] : [[`${prefix}${field}`, value]];
    }),
  );
}

/** Undefined when these are not the data of a namespace of ours. */
export function readMark(data: Readonly<Record<string, string>> | null | undefined): Mark | undefined {
  const said = fields.flatMap((field) => {
    const value = data?.[`${prefix}${field}`];
    return value === undefined ? [] : [[field, value] as const];
  });
  const mark = Object.fromEntries(said) as Partial<Mark>;
  return always.every((field) => mark[field] !== undefined) ? (mark as Mark) : undefined;
}

/** The worktree may have moved, or another one may have the branch by now: both are the same owner. */
export function isSameOwner(one: NamespaceOwner, other: NamespaceOwner): boolean {
  return (['app', 'environment', 'repository', 'branch', 'cluster'] as const).every(
    (field) => one[field] === other[field],
  );
}
