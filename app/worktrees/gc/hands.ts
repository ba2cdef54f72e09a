import { CoppiceError, hasCode, messageOf } from '../../../core/errors.ts';
import { environmentName } from '../../../core/names.ts';
import type { KeptDatabase } from '../../databases/kept-database.ts';
import type { Ports } from '../../ports.ts';
import type { Deletion } from '../delete/deletion.ts';
import type { DeleteOptions } from '../delete/options.ts';
import type { Repository } from '../repository.ts';
import type { Hands, Outcome } from './carry-out.ts';
import type { WorktreeFacts } from './facts.ts';

/**
 * Deletes a worktree as `wt delete` does, so that `wt undo` brings everything back, an environment alone as `wt down`
 * does, and stops as `wt stop` does.
 */
export function handsOf({ home }: Repository, ports: Ports): Hands {
  // Nobody is asked: what needs a yes stays.
  const quiet: Ports = { ...ports, cwd: home, ask: async () => false };
  return {
    deleteWorktree: (worktree) => deleteWorktree(worktree, quiet),
    deleteEnvironment: async ({ app, slug }) => {
      const { down } = await import('../../environments/down.ts');
      const name = environmentName(app, slug);
      const { removed } = await down({ environment: name, force: false }, quiet);
      return { kind: 'deleted', notes: removed === undefined ? [] : [undoNote(name, removed.kept)] };
    },
    stopEnvironment: async ({ app, slug }) => {
      const { stop } = await import('../../environments/stop.ts');
      await stop({ environment: environmentName(app, slug) }, quiet);
      return { kind: 'stopped' };
    },
  };
}

/**
 * No worktree went, so `wt undo` has nothing to bring back: what is left is the database.
 *
 * @internal Exported for its test, which passes in what `wt down` kept.
 */
export function undoNote(name: string, kept: KeptDatabase | undefined): string {
  return kept === undefined
    ? 'no database of it was kept'
    : `its database is kept for 72 hours: \`wt db undo --env ${name}\` brings it back`;
}

/** It judges again by itself, and accepts no risk: what came to life since stays. */
async function deleteWorktree({ path, merged }: WorktreeFacts, ports: Ports): Promise<Outcome> {
  const { deleteWorktrees } = await import('../delete/delete.ts');
  const isMerged = 'value' in merged && merged.value !== undefined;
  const options: DeleteOptions = {
    accepted: new Set(),
    keepBranch: !isMerged,
    keepData: false,
    skipHooks: false,
    purge: false,
    yes: false,
  };
  const { deletions } = await deleteWorktrees([path], options, ports);
  return outcomeOf(deletions[0], isMerged);
}

function outcomeOf(deletion: Deletion | undefined, isMerged: boolean): Outcome {
  if (deletion === undefined) return { kind: 'failed', why: 'nothing was deleted' };
  const { outcome, risks, error, undo, branch, branchOutcome } = deletion;
  if (outcome === 'refused') return { kind: 'refused', why: risks.map(({ what }) => what).join('; ') };
  if (outcome === 'failed') return failureOf(error);
  const kept =
    branch !== undefined && branchOutcome !== 'deleted' && !isMerged ? [`its branch ${branch} stays`] : [];
  return { kind: 'deleted', notes: [...kept, ...deletion.notes], ...(undo && { undo: undo.id }) };
}

/** What nobody said yes to is no failure: it stays. */
function failureOf(error: unknown): Outcome {
  const hint = error instanceof CoppiceError && error.hint !== undefined ? `; ${error.hint}` : '';
  const kind = hasCode(error, 'COPPICE_NOT_CONFIRMED', 'COPPICE_WORKFLOWS_RUNNING') ? 'refused' : 'failed';
  return { kind, why: `${messageOf(error)}${hint}` };
}
