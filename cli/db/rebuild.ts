import { dropDatabaseNow, renameDatabase } from '../../database/clone.ts';
import { withServerLock } from '../../database/lock.ts';
import { readMark } from '../../database/mark.ts';
import { snapshotName, templateName } from '../../database/names.ts';
import type { Server } from '../../database/server.ts';
import { ensureTemplate, type Template, type Work } from '../../database/template.ts';
import type { TemplateRequest } from '../../database/types.ts';

/**
 * Builds a template although there may be one of the same hash, which comes back when the build fails. Clones of it know
 * nothing of that. Throws what `ensureTemplate` throws.
 */
export async function rebuildTemplate(
  server: Server,
  request: TemplateRequest,
  work: Work,
): Promise<Template> {
  const name = templateName(request.app, request.hash);
  const aside = await withServerLock(server, request.hash, () => setAside(server, name));
  try {
    const template = await ensureTemplate(server, request, work);
    if (aside !== undefined) await dropDatabaseNow(server, aside);
    return template;
  } catch (error) {
    // Unless somebody else has built one meanwhile. What cannot be put back is collected as a template without clones.
    if (aside !== undefined) await renameDatabase(server, aside, name).catch(() => undefined);
    throw error;
  }
}

async function setAside(server: Server, name: string): Promise<string | undefined> {
  if ((await readMark(server, name)) === undefined) return undefined;
  const aside = snapshotName();
  await renameDatabase(server, name, aside);
  return aside;
}
