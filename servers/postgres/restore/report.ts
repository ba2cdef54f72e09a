import { type LeftKind, leftWords } from './policy.ts';

/** Something of a dump that was not restored. */
export interface LeftOut {
  readonly kind: LeftKind;
  /** Of the dump; from 1. */
  readonly line: number;
  /** What it is, and why where that is not obvious. */
  readonly what: string;
}

/** One line of counts: `3 owners, 1 event trigger, 1 extension (pg_cron)`; undefined when nothing was left out. */
export function leftOutText(left: readonly LeftOut[]): string | undefined {
  const kinds = Object.keys(leftWords) as LeftKind[];
  const parts = kinds.flatMap((kind) => {
    const of = left.filter((one) => one.kind === kind);
    if (of.length === 0) return [];
    const [one, many] = leftWords[kind];
    const names = named.has(kind)
      ? ` (${[...new Set(of.map(({ what }) => what))].slice(0, 5).join(', ')})`
      : '';
    return [`${of.length} ${of.length === 1 ? one : many}${names}`];
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** Those whose names a user may miss; owners and grants are never restored. */
const named: ReadonlySet<LeftKind> = new Set<LeftKind>([
  'extension',
  'extensionRows',
  'policy',
  'setting',
  'view',
]);
