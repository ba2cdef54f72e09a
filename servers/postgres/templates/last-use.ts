import { DatabaseError } from 'pg';
import type { Server } from '../connection/server.ts';
import { type MarkedDatabase, readMark, writeMark } from '../marks/mark.ts';
import type { Mark } from '../types.ts';
import type { TemplateMark } from './build.ts';

const day = 24 * 60 * 60 * 1000;

/** When a template was last built or cloned, or lost a clone; up to a day too early. */
export function lastUse({ usedAt, builtAt }: TemplateMark): string {
  return usedAt ?? builtAt;
}

/** Whether a clone, or a template of a restored dump, was created from this template. */
export function isUsed(template: string, databases: readonly Pick<MarkedDatabase, 'mark'>[]): boolean {
  return databases.some(({ mark }) => sourceOf(mark) === template);
}

function sourceOf(mark: Mark | undefined): string | undefined {
  if (mark?.kind === 'clone') return mark.template;
  return mark?.kind === 'template' ? mark.source : undefined;
}

/** Records on a template that it is in use, at most once a day. Does nothing when it no longer exists. */
export async function recordUse(server: Server, template: string, now = new Date()): Promise<void> {
  const mark = await readMark(server, template);
  if (mark?.kind !== 'template' || now.getTime() - Date.parse(lastUse(mark)) < day) return;
  await writeMark(server, template, { ...mark, usedAt: now.toISOString() }).catch((error: unknown) => {
    // Another process writes the same at this moment, which PostgreSQL refuses instead of waiting, or has
    // dropped it.
    if (!(error instanceof DatabaseError)) throw error;
  });
}
