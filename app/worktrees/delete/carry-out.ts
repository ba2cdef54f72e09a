import { join } from 'node:path';
import { defined } from '../../../core/defined.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { releaseSlot } from '../../../core/state/slots.ts';
import { removeBranchConfig } from '../../../git/branch-config.ts';
import { createReference, deleteReferences, shaOf, writeReferences } from '../../../git/references.ts';
import { isCheckedOut } from '../../../git/registration.ts';
import type { Ports } from '../../ports.ts';
import type { Repository } from '../repository.ts';
import {
  type BranchOutcome,
  type DeletedEnvironment,
  type DeletedWorktree,
  writeRecord,
} from '../trash/record.ts';
import { moveRegistration, moveTree } from './move-aside.ts';
import { purgeEarlier, removeEnvironment } from './remove-environments.ts';

/**
 * The quick part: from here on the worktree is gone, and an undo brings it back. Each step looks at what is there, so a
 * killed deletion continues by the same command.
 */
export async function moveAside(record: DeletedWorktree, { common }: Repository): Promise<void> {
  // Until something lies in the trash a record alone says nothing.
  const [kept] = await Promise.all([writeReferences(common, record.keep), writeRecord(common, record)]);
  if (!kept) throw keepError(record);
  await moveTree(record, common);
  const { registration } = record;
  if (registration !== undefined) await releaseSlot({ gitFolder: join(common, 'worktrees', registration) });
  await moveRegistration(record, common);
}

function keepError({ name }: DeletedWorktree): CoppiceError {
  return new CoppiceError(
    'COPPICE_DELETE',
    `the commits of ${name} cannot be kept for an undo: git refuses to write references`,
    {
      hint: 'run `git fsck` in the repository; nothing was deleted',
    },
  );
}

/** The rest: environments, then the branch. Returns the record as it was written last. Throws what `down` throws. */
export async function finishDeletion(
  record: DeletedWorktree,
  repository: Repository,
  ports: Ports,
): Promise<DeletedWorktree> {
  const { common, home } = repository;
  const environments: DeletedEnvironment[] = [];
  for (const environment of record.environments) {
    const { path = '', name, endWorkflows, purge } = record;
    const place = { worktree: path, name, home, endWorkflows, ...defined({ purge }) };
    if (environment.state === 'there') environments.push(await removeEnvironment(environment, place, ports));
    else if (purge) environments.push(await purgeEarlier(environment, place, ports));
    else environments.push(environment);
  }
  const branchOutcome = await deleteBranch(record, repository);
  const done = { ...record, environments, done: true, ...defined({ branchOutcome }) };
  await writeRecord(common, done);
  return done;
}

/** By compare-and-swap: what was committed since the check stays. */
async function deleteBranch(
  { branch, tip, branchOutcome, branchConfig }: DeletedWorktree,
  { common }: Repository,
): Promise<BranchOutcome | undefined> {
  if (branch === undefined || branchOutcome !== undefined) return branchOutcome;
  const ref = `refs/heads/${branch}`;
  if (tip === undefined) return 'absent';
  // Git does not ask: another worktree may have checked it out in the meantime.
  if (await isCheckedOut(common, branch)) return 'kept_checked_out';
  if (await deleteReferences(common, [{ ref, sha: tip }])) {
    // Nor does it wait: the other may have read the branch before that, and named it after.
    if (await isCheckedOut(common, branch)) {
      await createReference(common, { ref, sha: tip });
      return 'kept_checked_out';
    }
    if (branchConfig.length > 0) await removeBranchConfig(common, branch);
    return 'deleted';
  }
  return (await shaOf(common, ref)) === undefined ? 'absent' : 'kept_raced';
}
