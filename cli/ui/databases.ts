import { environmentName } from '../../core/names.ts';
import { counted } from '../../core/text/counted.ts';
import { duration, since } from '../../core/text/duration.ts';
import { size } from '../../core/text/size.ts';
import { type Marked, type MarkedDatabase, markedAs } from '../../servers/postgres/databases.ts';
import type { Inventory } from '../../servers/postgres/inventory.ts';
import type { Mark, StrategyName } from '../../servers/postgres/types.ts';
import type { Result } from '../define.ts';
import { table } from './table.ts';

/** All databases of a server, as `wt db list` shows them. `now` is in milliseconds since 1970. */
export function listing(found: Inventory, now: number): Result {
  const clones = markedAs(found.databases, 'clone');
  const templates = markedAs(found.databases, 'template');
  const snapshots = markedAs(found.databases, 'snapshot').sort(
    ({ mark: one }, { mark: other }) =>
      one.of.localeCompare(other.of) || other.takenAt.localeCompare(one.takenAt),
  );
  const building = markedAs(found.databases, 'building');
  const uses = (template: string) => clones.filter(({ mark }) => mark.template === template).length;
  const sections = [
    section('environments', ['', 'age', 'template', 'made', 'sessions', 'size', ''], clones, (clone) => [
      environmentName(clone.mark.app, clone.mark.environment),
      since(clone.mark.createdAt, now),
      origin(clone.mark),
      `${clone.mark.strategy}, ${duration(clone.mark.milliseconds)}`,
      String(clone.sessions),
      sizeOf(clone),
      sharing[clone.mark.strategy],
    ]),
    section('templates', ['', 'age', 'made in', 'used by', 'size'], templates, ({ name, mark, bytes }) => [
      mark.stage === 'source' ? `${name} (only the dump)` : name,
      since(mark.builtAt, now),
      duration(mark.buildMilliseconds),
      mark.stage === 'source' ? 'templates of it' : counted(uses(name), 'environment'),
      size(bytes ?? mark.bytes),
    ]),
    section('being built', ['', 'for'], building, ({ name, mark }) => [name, since(mark.startedAt, now)]),
    section('snapshots', ['', 'number', 'youngest', 'with a name'], perEnvironment(snapshots), (all) => [
      environmentName(all[0].mark.app, all[0].mark.environment),
      String(all.length),
      since(all[0].mark.takenAt, now),
      all
        .filter(({ mark }) => mark.reason === 'asked')
        .map(({ mark }) => mark.name)
        .join(', '),
    ]),
  ].filter((text) => text !== '');
  const none = 'there is no database yet: wt up creates one in a worktree whose coppice.yaml has `database:`';
  return {
    text: [sections.length === 0 ? none : sections.join('\n\n'), '', ...disk(found)].join('\n'),
    json: {
      environments: clones.map(({ name, mark, sessions, bytes }) => ({
        ...environmentOf(mark),
        database: name,
        template: mark.template,
        origin: mark.origin,
        strategy: mark.strategy,
        milliseconds: mark.milliseconds,
        createdAt: mark.createdAt,
        sessions,
        bytes,
        sharesBlocks: mark.strategy === 'clone',
      })),
      templates: templates.map(({ name, mark, bytes }) => ({
        database: name,
        app: mark.app,
        stage: mark.stage,
        hash: mark.hash,
        builtAt: mark.builtAt,
        buildMilliseconds: mark.buildMilliseconds,
        clones: uses(name),
        bytes: bytes ?? mark.bytes,
      })),
      building: building.map(({ name, mark }) => ({
        database: name,
        app: mark.app,
        startedAt: mark.startedAt,
      })),
      snapshots: snapshots.map(({ name, mark, bytes }) => ({ ...snapshotDocument(name, mark), bytes })),
      server: { ...found.facts, sharesBlocks: found.sharesBlocks },
      disk: found.disk,
    },
  };
}

type Snapshots = [Marked<'snapshot'>, ...Marked<'snapshot'>[]];

/** Only counts: `wt db snapshots` lists them, and every `down` of three days would be too much here. */
function perEnvironment(sorted: readonly Marked<'snapshot'>[]): Snapshots[] {
  const groups = new Map<string, Snapshots>();
  for (const snapshot of sorted) {
    const group = groups.get(snapshot.mark.of);
    if (group) group.push(snapshot);
    else groups.set(snapshot.mark.of, [snapshot]);
  }
  return [...groups.values()];
}

/** A snapshot as JSON. */
export function snapshotDocument(database: string, mark: Mark & { readonly kind: 'snapshot' }) {
  const { name, reason, takenAt, template, of } = mark;
  return { ...environmentOf(mark), database, of, name, reason, takenAt, template };
}

function environmentOf({ app, environment, branch, worktree }: Mark & { kind: 'clone' | 'snapshot' }) {
  return { app, environment, branch, worktree };
}

function section<Item>(
  title: string,
  heading: readonly string[],
  items: readonly Item[],
  line: (item: Item) => readonly string[],
): string {
  if (items.length === 0) return '';
  return table([[title, ...heading.slice(1)], ...items.map(line)]);
}

const sharing: Readonly<Record<StrategyName, string>> = {
  clone: 'shares blocks with its template',
  copy: 'full copy',
  wal_log: 'full copy',
};

function origin(mark: Mark & { kind: 'clone' }): string {
  if (mark.origin.kind === 'fork') return `fork of ${mark.origin.of}`;
  if (mark.origin.kind === 'snapshot') return `snapshot ${mark.origin.name}`;
  if (mark.origin.kind === 'migrated') return `cluster of ${mark.origin.from}`;
  return mark.template;
}

/** How much is really in use, as the sum of the sizes above would be wrong. */
function disk({ sharesBlocks, disk, facts }: Inventory): string[] {
  const alone = sharesBlocks
    ? 'sizes are what each would take on its own: shared blocks take their space once'
    : 'every size is a full copy: this file system shares no blocks';
  const used =
    disk && `the file system${facts.fileSystem === undefined ? '' : ` (${facts.fileSystem})`} has `;
  return [alone, ...(disk ? [`${used}${size(disk.used)} of ${size(disk.total)} in use`] : [])];
}

function sizeOf({ bytes }: MarkedDatabase): string {
  return bytes === undefined ? '' : size(bytes);
}
