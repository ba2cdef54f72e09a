import type { MigrationFile } from '../../../config/plan/environment-plan.ts';
import { isAfter } from '../../../config/spec/migrations/sequence.ts';
import { migrationTool } from '../../../config/spec/migrations/tools.ts';
import type { Server } from '../connection/server.ts';
import { markedAs, marks } from '../marks/mark.ts';
import { compareMigrations, isRepeatable } from '../migrations/migrations.ts';
import type { TemplateRequest } from '../types.ts';
import type { TemplateMark } from './build.ts';

/** A template to begin another one from. */
export interface Start {
  readonly name: string;
  readonly mark: TemplateMark;
}

/**
 * The template that lacks the fewest of the wanted migrations, and has nothing that the wanted one has not. It
 * has the same dump, seed, extensions, command and tools. Undefined when there is none.
 */
export async function nearestTemplate(server: Server, request: TemplateRequest): Promise<Start | undefined> {
  const { app, baseHash } = request;
  if (baseHash === undefined) return undefined;
  return markedAs(await marks(server), 'template')
    .filter(({ broken, mark }) => !broken && mark.app === app && mark.base === baseHash)
    .filter(({ mark }) => isStart(mark.migrations, request))
    .sort((one, other) => other.mark.migrations.length - one.mark.migrations.length)[0];
}

/**
 * Whether the migrate command, run on a database with these migrations, gives what it gives on an empty one.
 *
 * @internal Exported for its test: it is decided without a server.
 */
export function isStart(
  has: readonly MigrationFile[],
  { migrations: wanted = [], rules = {} }: Pick<TemplateRequest, 'migrations' | 'rules'>,
): boolean {
  if (has.length === 0) return false;
  const { added, edited, removed } = compareMigrations(has, wanted, rules);
  const known = new Set(wanted.map(({ path }) => path));
  // What a repeatable one created stays when its file is gone, and a squashed one ran in another form.
  if (edited.length + removed.length > 0 || has.some(({ path }) => !known.has(path))) return false;
  if (migrationTool(rules.tool).order === 'any') return true;
  const repeatable = new Set(wanted.filter(isRepeatable).map(({ path }) => path));
  const once = has.filter(({ path }) => !repeatable.has(path));
  return added
    .filter((path) => !repeatable.has(path))
    .every((path) => once.every((before) => isAfter(path, before.path)));
}
