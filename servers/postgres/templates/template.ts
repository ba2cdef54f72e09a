import { withServerLock } from '../connection/lock.ts';
import type { Server } from '../connection/server.ts';
import { readMark } from '../marks/mark.ts';
import { sourceName, templateName } from '../marks/private-names.ts';
import type { TemplateRequest, Work } from '../types.ts';
import { buildTemplate, type Stage, type TemplateMark } from './build.ts';
import { recordUse } from './last-use.ts';
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
  const { app, hash, migrations = [], seed, dump } = request;
  return ensureStage(server, request, work, {
    stage: 'complete',
    name: templateName(app, hash),
    hash,
    migrations,
    present,
    from: async () => {
      if (!dump) return 'template0';
      const { name } = await ensureSource(server, request, dump, work);
      await recordUse(server, name);
      return name;
    },
    fill: async (as) => {
      if (request.migrations) {
        work.progress?.('migrating the template');
        await runCommand(server, work, { kind: 'migrate', ...as });
      }
      if (seed) work.progress?.('seeding the template');
      if (seed?.kind === 'command') await runCommand(server, work, { kind: 'seed', ...as });
      if (seed?.kind === 'sql') await runSql(server, as, 'seed', seed.text);
    },
  });
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
  return ensureStage(server, request, work, {
    stage: 'source',
    name: sourceName(app, sourceHash),
    hash: sourceHash,
    migrations: [],
    present: 'reuse',
    from: async () => 'template0',
    fill: async (as) => {
      work.progress?.('restoring the dump');
      await runCommand(server, work, { kind: 'restore', ...as });
      if (dump.mask === undefined) return;
      work.progress?.('masking it');
      await runSql(server, as, 'mask', dump.mask);
    },
  });
}

async function ensureStage(
  server: Server,
  request: TemplateRequest,
  { progress }: Work,
  stage: Omit<Stage, 'from'> & { readonly from: () => Promise<string>; readonly present: Present },
): Promise<Template> {
  const { name } = stage;
  const usable = async () => (stage.present === 'reuse' ? complete(server, name) : undefined);
  const there = await usable();
  if (there) return { name, mark: there, built: false };
  const build = async (held: () => Promise<unknown>) => {
    const present = await usable();
    if (present) return { name, mark: present, built: false };
    progress?.(`building ${name}`);
    const mark = await buildTemplate(server, request, { ...stage, from: await stage.from() }, held);
    return { name, mark, built: true };
  };
  return withServerLock(server, stage.hash, build, () => progress?.(`waiting for another build of ${name}`));
}

async function complete(server: Server, name: string): Promise<TemplateMark | undefined> {
  const mark = await readMark(server, name);
  return mark?.kind === 'template' ? mark : undefined;
}
