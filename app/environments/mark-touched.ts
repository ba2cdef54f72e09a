import { markTouched } from '../activity/mark-touched.ts';
import { recorded } from '../target/recorded.ts';

/** Notes that somebody works with an environment now, in the worktree that it was brought up from. Never fails. */
export async function markEnvironmentTouched({
  app,
  slug,
}: {
  readonly app: string;
  readonly slug: string;
}): Promise<void> {
  const environment = await recorded(app, slug).catch(() => undefined);
  if (environment?.owner) await markTouched(environment.owner.worktree);
}
