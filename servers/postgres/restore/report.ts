import { defined } from '../../../core/defined.ts';
import { type LeftKind, leftWords } from './policy.ts';

/** Something of a dump that was not restored. */
export interface LeftOut {
  readonly kind: LeftKind;
  /** Of the dump, from 1; 0 for what the mask emptied. */
  readonly line: number;
  readonly what: string;
  /** A reason of its own; {@link whyLeftOut} has that of its kind. */
  readonly why?: string;
}

/** What is kept about all that was left out of a dump, for `wt db status`. */
export interface LeftOutOfDump {
  /** Of objects; of statements where these belong to no object of their own, such as owners. */
  readonly counts: Partial<Record<LeftKind, number>>;
  /** Those whose names a user may miss, at most {@link mostObjects}, each once. */
  readonly objects: readonly LeftOut[];
}

/** A comment on a database holds it, which every look at the databases reads. */
const mostObjects = 200;
const longestText = 300;

/** Undefined when nothing was left out. */
export function leftOutOfDump(left: readonly LeftOut[]): LeftOutOfDump | undefined {
  if (left.length === 0) return undefined;
  const distinct = withoutRepeats(left);
  const counts: Partial<Record<LeftKind, number>> = {};
  for (const { kind } of distinct) counts[kind] = (counts[kind] ?? 0) + 1;
  const listed = distinct.filter(({ kind }) => !statements.has(kind));
  // A provider's dump has hundreds of grants, and they matter least.
  const byWeight = [
    ...listed.filter((one) => one.kind !== 'grant'),
    ...listed.filter((one) => one.kind === 'grant'),
  ];
  const objects = byWeight.slice(0, mostObjects).map((one) => ({
    ...one,
    what: one.what.slice(0, longestText),
    ...defined({ why: one.why?.slice(0, longestText) }),
  }));
  return { counts, objects };
}

/** One line of counts: `3 owners, 1 event trigger, 1 extension (pg_cron: it is not installed here)`. */
export function leftOutCounts({ counts, objects }: LeftOutOfDump): string {
  return (Object.keys(leftWords) as LeftKind[])
    .flatMap((kind) => {
      const count = counts[kind];
      if (count === undefined) return [];
      const [one, many] = leftWords[kind];
      const names = named.has(kind) ? ` (${firstOf(kind, objects)})` : '';
      return [`${count} ${count === 1 ? one : many}${names}`];
    })
    .join(', ');
}

/** Where to read more, for the end of a sentence: empty when there is only what counts say. */
export function whereListed({ counts, objects }: LeftOutOfDump): string {
  if (objects.length === 0) return '';
  const counted = [...statements].filter((kind) => counts[kind] !== undefined);
  const but = new Intl.ListFormat('en').format(counted.map((kind) => leftWords[kind][1]));
  return `; \`wt db status\` lists ${but === '' ? 'them' : `all but the ${but}`}`;
}

/** Why it was left out, for people. */
export function whyLeftOut({ kind, why }: LeftOut): string {
  return why ?? leftWords[kind][2];
}

/** What kind of object it is, and its name. */
export function objectLeftOut({ kind, what }: LeftOut): string {
  return saysItself.has(kind) ? what : `${leftWords[kind][0]} ${what}`;
}

/** Their names begin with which of several kinds they are. */
const saysItself: ReadonlySet<LeftKind> = new Set<LeftKind>([
  'foreign',
  'foreignTable',
  'function',
  'grant',
  'replication',
]);

/** What it is, and its own reason if it has one. */
export function withReason({ what, why }: LeftOut): string {
  return why === undefined ? what : `${what}: ${why}`;
}

function firstOf(kind: LeftKind, objects: readonly LeftOut[]): string {
  return objects
    .filter((one) => one.kind === kind)
    .slice(0, 5)
    .map(withReason)
    .join(', ');
}

/** An object is created, commented on and altered: it is left out once. */
function withoutRepeats(left: readonly LeftOut[]): LeftOut[] {
  const seen = new Set<string>();
  return left.filter(({ kind, what }) => {
    if (statements.has(kind)) return true;
    const key = `${kind} ${what}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** These are never restored, and name nothing that is missing. */
const statements: ReadonlySet<LeftKind> = new Set<LeftKind>(['owner', 'role', 'database', 'drop']);

/** Those that one line names too. */
const named: ReadonlySet<LeftKind> = new Set<LeftKind>([
  'extension',
  'extensionRows',
  'policy',
  'setting',
  'view',
]);
