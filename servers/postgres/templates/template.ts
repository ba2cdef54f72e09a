import { defined } from '../../../core/defined.ts';
import { hasCode } from '../../../core/errors.ts';
import { counted } from '../../../core/text/counted.ts';
import { withServerLock } from '../connection/lock.ts';
import { isRefusal, type Server } from '../connection/server.ts';
import { readMark } from '../marks/mark.ts';
import { sourceName, templateName } from '../marks/private-names.ts';
import { type LeftOut, leftOutCounts, leftOutOfDump, whereListed, withReason } from '../restore/report.ts';
import { type RestoreTarget, restoreDump } from '../restore/restore.ts';
import type { TemplateRequest, Work } from '../types.ts';
import { buildTemplate, type Stage, type TemplateMark } from './build.ts';
import { recordUse } from './last-use.ts';
import { maskCopies } from './masked-copies.ts';
import { nearestTemplate, type Start } from './nearest.ts';
import { runCommand } from './run-command.ts';
import { runSql } from './run-sql.ts';

export interface Template {
  readonly name: string;
  readonly mark: TemplateMark;
  /** Whether this call built it. */
  readonly built: boolean;
}

/** What to do with an existing template. */
type Present = 'reuse' | 'replace';

/**
 * The complete template for a request: an existing one, or a new one; waits while another process builds it.
 * Throws what the app's commands throw, COPPICE_EXTENSION, COPPICE_SEED, COPPICE_MASK, COPPICE_DISK_FULL.
 */
export async function ensureTemplate(
  server: Server,
  request: TemplateRequest,
  work: Work,
): Promise<Template> {
  return completeTemplate(server, request, work, 'reuse');
}

/**
 * Builds the template even if one of the same hash exists, which stays in use until the new one takes its
 * place. Existing clones are not affected. Throws what `ensureTemplate` throws; then nothing has changed.
 */
export async function rebuildTemplate(
  server: Server,
  request: TemplateRequest,
  work: Work,
): Promise<Template> {
  return completeTemplate(server, request, work, 'replace');
}

async function completeTemplate(
  server: Server,
  request: TemplateRequest,
  work: Work,
  present: Present,
): Promise<Template> {
  const { app, hash, migrations = [], seed, baseHash } = request;
  const stage = {
    stage: 'complete' as const,
    name: templateName(app, hash),
    hash,
    migrations,
    ...defined({ base: baseHash }),
  };
  const full = async (): Promise<Stage> => ({
    ...stage,
    ...(await beginning(server, request, work)),
    fill: async (as) => {
      if (request.migrations) {
        work.progress?.('migrating the template');
        await runCommand(server, work, { kind: 'migrate', ...as });
      }
      if (seed) work.progress?.('seeding the template');
      if (seed?.kind === 'command') await runCommand(server, work, { kind: 'seed', ...as });
      if (seed?.kind === 'sql') {
        for (const file of [seed, ...(seed.more ?? [])])
          await runSql(server, as, 'seed', file, work.note ?? work.progress);
      }
      return {};
    },
  });
  return ensureStage(server, work, {
    name: stage.name,
    hash,
    present,
    build: async (held) => {
      const start = present === 'reuse' ? await nearestTemplate(server, request) : undefined;
      const grown = start && (await grow(server, request, work, { stage, start, held }));
      return grown ?? buildTemplate(server, request, await full(), held);
    },
  });
}

/** What a complete build begins with: nothing, or the restored dump. */
async function beginning(
  server: Server,
  request: TemplateRequest,
  work: Work,
): Promise<Pick<Stage, 'from' | 'source'>> {
  if (!request.dump) return { from: 'template0' };
  const { name } = await ensureSource(server, request, request.dump, work);
  await recordUse(server, name);
  return { from: name, source: name };
}

interface Growth {
  readonly stage: Omit<Stage, 'from' | 'fill'>;
  readonly start: Start;
  readonly held: () => Promise<unknown>;
}

/**
 * Builds the template from one with fewer migrations. Undefined when that fails where a complete build may not:
 * a migration may refuse the seeded rows that it would not have met there.
 */
async function grow(
  server: Server,
  request: TemplateRequest,
  work: Work,
  { stage, start, held }: Growth,
): Promise<TemplateMark | undefined> {
  const missing = stage.migrations.length - start.mark.migrations.length;
  work.progress?.(`beginning from ${start.name}, which lacks ${counted(missing, 'migration')}`);
  const fill: Stage['fill'] = async (as) => {
    await runCommand(server, work, { kind: 'migrate', ...as });
    return {};
  };
  const { source } = start.mark;
  try {
    const grown = { ...stage, from: start.name, ...defined({ source }), grows: true, fill };
    const mark = await buildTemplate(server, request, grown, held);
    await recordUse(server, start.name);
    return mark;
  } catch (error) {
    // 3D000: it was removed since.
    if (!hasCode(error, 'COPPICE_MIGRATION') && !isRefusal(error, '3D000')) throw error;
    work.progress?.(`not possible from ${start.name}: building it in full`);
    return undefined;
  }
}

/**
 * The restored and masked dump. It is never visible unmasked: the build that does both has a private name.
 */
function ensureSource(
  server: Server,
  request: TemplateRequest,
  dump: NonNullable<TemplateRequest['dump']>,
  work: Work,
): Promise<Template> {
  const { app, sourceHash } = request;
  const stage: Stage = {
    stage: 'source',
    name: sourceName(app, sourceHash),
    hash: sourceHash,
    migrations: [],
    from: 'template0',
    fill: async (as) => {
      work.progress?.('restoring the dump');
      const left = await restore(server, request, as, work);
      if (dump.mask === undefined) return defined({ leftOut: leftOutOfDump(left) });
      work.progress?.('masking it');
      const emptied = await mask(server, as, dump.mask, work);
      return defined({ leftOut: leftOutOfDump([...left, ...emptied]) });
    },
  };
  return ensureStage(server, work, {
    name: stage.name,
    hash: sourceHash,
    present: 'reuse',
    // The dump says where its extensions lie.
    build: (held) => buildTemplate(server, { ...request, extensions: [] }, stage, held),
  });
}

async function restore(
  server: Server,
  { owner, extensions }: TemplateRequest,
  as: Omit<RestoreTarget, 'owner' | 'extensions'>,
  { openDump, progress, note = progress }: Work,
): Promise<LeftOut[]> {
  if (!openDump) throw new Error('the work of a template with a dump does not say how to open it');
  const dump = await openDump();
  try {
    const left = await restoreDump(server, { ...as, owner, extensions }, dump);
    const leftOut = leftOutOfDump(left);
    if (leftOut) note?.(`left out of the dump: ${leftOutCounts(leftOut)}${whereListed(leftOut)}`);
    return left;
  } finally {
    await dump.close();
  }
}

/** Masks the rows and what the server keeps of them elsewhere; the materialised views that are empty now. */
async function mask(
  server: Server,
  as: Omit<RestoreTarget, 'owner' | 'extensions'>,
  text: string | Buffer,
  { progress, note = progress }: Work,
): Promise<readonly LeftOut[]> {
  await runSql(server, as, 'mask', { text }, note);
  const { emptied, kept } = await maskCopies(server, as);
  if (emptied.length > 0)
    note?.(
      `the mask left ${counted(emptied.length, 'materialised view')} empty: ${emptied.map(withReason).join(', ')}`,
    );
  for (const one of kept) note?.(one);
  return emptied;
}

interface StageRequest {
  readonly name: string;
  readonly hash: string;
  readonly present: Present;
  readonly build: (held: () => Promise<unknown>) => Promise<TemplateMark>;
}

async function ensureStage(server: Server, { progress }: Work, stage: StageRequest): Promise<Template> {
  const { name } = stage;
  const usable = async () => (stage.present === 'reuse' ? complete(server, name) : undefined);
  const there = await usable();
  if (there) return { name, mark: there, built: false };
  const build = async (held: () => Promise<unknown>) => {
    const present = await usable();
    if (present) return { name, mark: present, built: false };
    progress?.(`building ${name}`);
    const mark = await stage.build(held);
    return { name, mark, built: true };
  };
  return withServerLock(server, stage.hash, build, (who) =>
    progress?.(who ?? `waiting for another build of ${name}`),
  );
}

async function complete(server: Server, name: string): Promise<TemplateMark | undefined> {
  const mark = await readMark(server, name);
  return mark?.kind === 'template' ? mark : undefined;
}
