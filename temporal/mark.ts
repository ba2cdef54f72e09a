import type { Owner } from '../config/owner.ts';

/** What the data of a namespace of ours say: they survive everything that Pulumi's state may not. */
export interface Mark extends Owner {
  /** ISO 8601. */
  readonly created: string;
  /** Tells apart two that create the same namespace at once. */
  readonly attempt: string;
}

const prefix = 'coppice.dev/';
const fields = ['app', 'environment', 'repository', 'branch', 'worktree', 'created', 'attempt'] as const;

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
  const said = fields.map((field) => [field, data?.[`${prefix}${field}`]] as const);
  if (said.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(said) as unknown as Mark;
}

/** The worktree may have moved, or another one may have the branch by now: both are the same owner. */
export function isSameOwner(one: Owner, other: Owner): boolean {
  return (['app', 'environment', 'repository', 'branch'] as const).every(
    (field) => one[field] === other[field],
  );
}
