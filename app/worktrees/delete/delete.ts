import { defined } from '../../../core/defined.ts';
import { CoppiceError, hasCode } from '../../../core/errors.ts';
import { isThere } from '../../../core/files.ts';
import { type UsualBranch, usualBranch } from '../../../git/branches.ts';
import { shaOf } from '../../../git/references.ts';
import { isCheckedOut, registrations } from '../../../git/registration.ts';
import type { Ports } from '../../ports.ts';
import { commonFolderAt, type Repository, repositoryAt } from '../repository.ts';
import { whileNobodyDeletes, whileNothingMoves } from '../trash/locks.ts';
import { type DeletedWorktree, readRecords } from '../trash/record.ts';
import { sweepTrash } from '../trash/sweep.ts';
import { finishDeletion, moveAside } from './carry-out.ts';
import { continueLine } from './command.ts';
import { runDeletedHook } from './deleted-hook.ts';
import { type Deletion, type Deletions, failure, folderAfter, notesOf, report } from './deletion.ts';
import { endProcesses } from './end-processes.ts';
import { environmentRisks } from './environment-risks.ts';
import { awaitMaking } from './in-the-making.ts';
import { requireNoneInside } from './inner-worktrees.ts';
import type { DeleteOptions } from './options.ts';
import { type Condemned, condemn, planDeletion } from './plan.ts';
import { finishRemovals, purgeRemoved, removeEnvironment } from './remove-environments.ts';
import { type Judgement, risksOf } from './risks.ts';
import { type Subject, subjectOf } from './subject.ts';

/** One worktree, judged and ready. */
interface Case {
  readonly subject: Subject;
  readonly condemned?: Condemned;
  readonly judgement?: Judgement;
}

/**
 * Deletes worktrees with their environments and branches. All are judged first; one that is refused or fails stops no
 * other. Throws what `repositoryAt` throws.
 */
export async function deleteWorktrees(
  names: readonly (string | undefined)[],
  options: DeleteOptions,
  ports: Ports,
): Promise<Deletions> {
  const usualNow = usualOf(await commonFolderAt(ports.cwd));
  // Nearly every deletion needs it, and git answers while it lists the worktrees.
  if (!options.keepBranch) usualNow().catch(() => undefined);
  const repository = await repositoryAt(ports.cwd);
  const asked = names.length === 0 ? [undefined] : [...new Set(names)];
  const subjects = await Promise.all(
    asked.map((name) => settled(() => subjectOf(name, repository, ports.cwd))),
  );
  const paths = subjects.flatMap((found) => ('value' in found ? (placeOf(found.value) ?? []) : []));
  const together = subjects.flatMap((found) => ('value' in found ? (branchOf(found.value) ?? []) : []));
  const isSlow = asked.length > 1;
  const work = { repository, together, usual: usualNow, listedNow: true, options, ports, isSlow };
  const cases = await Promise.all(subjects.map((found) => caseOf(found, work, paths)));
  const deletions: Deletion[] = [];
  for (const { at, found } of innermostFirst(cases)) {
    const name = asked[at] ?? nameOfSubject(subjects[at]) ?? '.';
    deletions[at] = 'error' in found ? failure(name, found.error) : await deleteOne(found.value, work);
  }
  await finishRemovals(ports);
  await sweepTrash(repository.common);
  return { deletions, ...defined({ folder: folderAfter(deletions, repository, ports.cwd) }) };
}

/** Asks git once. */
function usualOf(common: string): Work['usual'] {
  let known: Promise<UsualBranch> | undefined;
  return () => {
    known ??= usualBranch(common);
    return known;
  };
}

/** So that a worktree inside another is gone before that one goes; in the order of the command otherwise. */
function innermostFirst(cases: readonly Settled<Case>[]) {
  const depth = (found: Settled<Case>) =>
    'value' in found ? (placeOf(found.value.subject) ?? '').split('/').length : 0;
  return cases
    .map((found, at) => ({ at, found }))
    .sort((one, other) => depth(other.found) - depth(one.found));
}

interface Work {
  /** Time passes between the judgement and the deletion: others are deleted before, or a person is asked. */
  readonly isSlow: boolean;
  readonly repository: Repository;
  readonly together: readonly string[];
  readonly usual: () => Promise<UsualBranch>;
  /** What git said of the worktrees is from just now. */
  readonly listedNow: boolean;
  readonly options: DeleteOptions;
  readonly ports: Ports;
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

async function settled<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** What git cannot judge, as it is deleted by another process at this moment, is left to that one. */
async function caseOf(found: Settled<Subject>, work: Work, paths: readonly string[]): Promise<Settled<Case>> {
  if ('error' in found) return found;
  const judged = await settled(() => judge(found.value, work, paths));
  if ('value' in judged || found.value.kind === 'environment') return judged;
  return (await isStillThere({ subject: found.value }, work)) ? judged : { value: { subject: found.value } };
}

function branchOf(subject: Subject): string | undefined {
  if (subject.kind === 'worktree') return subject.worktree.branch;
  return subject.kind === 'branch' ? subject.branch : undefined;
}

function placeOf(subject: Subject): string | undefined {
  return subject.kind === 'worktree' ? subject.worktree.path : undefined;
}

function nameOfSubject(found: Settled<Subject> | undefined): string | undefined {
  return found !== undefined && 'value' in found ? found.value.name : undefined;
}

/** `paths` are the worktrees that are about to be deleted with it. */
async function judge(
  subject: Subject,
  { repository, together, usual, listedNow, options, ports }: Work,
  paths: readonly string[] = [],
): Promise<Case> {
  if (subject.kind === 'deleted') return { subject };
  if (subject.kind === 'environment') {
    const risks = await environmentRisks([subject.environment], options, ports);
    return { subject, judgement: { risks, stashed: [], processes: [] } };
  }
  const condemned = await condemn(subject, repository, {
    keepBranch: options.keepBranch,
    purge: options.purge,
    together,
    usual,
    listedNow,
  });
  await requireNoneInside(condemned, paths);
  const [judgement, more] = await Promise.all([
    risksOf(condemned),
    environmentRisks(
      condemned.environments.filter((one) => !('earlier' in one)),
      options,
      ports,
    ),
  ]);
  return { subject, condemned, judgement: { ...judgement, risks: [...judgement.risks, ...more] } };
}

async function deleteOne(found: Case, work: Work): Promise<Deletion> {
  const { subject } = found;
  try {
    if (subject.kind === 'deleted') return await alone(subject, work, () => resume(subject.record, work));
    const another = await deletedByAnother(found, work);
    if (another !== undefined) return another;
    const refusal = await refusalOf(found, work);
    if (refusal !== undefined) return refusal;
    if (subject.kind === 'environment') return await deleteEnvironment(subject, work);
    const asked = (found.judgement?.risks.length ?? 0) > 0;
    return await alone(subject, work, async (waited) => {
      if (!(await isStillThere(found, work))) return deletedSince(subject, work);
      return deleteJudged(found, { ...work, isSlow: work.isSlow || asked || waited });
    });
  } catch (error) {
    if (hasCode(error, 'COPPICE_INTERRUPTED')) throw error;
    return failure(subject.name, error);
  }
}

/** `work` is told whether it waited for another deletion of the same. */
function alone<T>(
  { name }: Subject,
  { repository: { common }, ports }: Work,
  work: (waited: boolean) => Promise<T>,
): Promise<T> {
  let waited = false;
  const onWait = () => {
    waited = true;
    ports.screen.note(`another deletion of ${name} runs: waiting for it`);
  };
  return whileNobodyDeletes({ common, name }, () => work(waited), onWait);
}

/**
 * A risk may be but what was read while another process deleted it: then that deletion counts, and nobody is asked.
 */
async function deletedByAnother(found: Case, work: Work): Promise<Deletion | undefined> {
  const { subject, judgement } = found;
  if (subject.kind === 'environment' || judgement?.risks.length === 0) return undefined;
  return alone(subject, work, async () =>
    (await isStillThere(found, work)) ? undefined : deletedSince(subject, work),
  );
}

/** A killed deletion is finished without being judged again: its worktree is moved aside already. */
async function resume(
  { id, name }: DeletedWorktree,
  { repository, options, ports }: Work,
): Promise<Deletion> {
  // It may have been finished, or undone, since it was read.
  const record = (await readRecords(repository.common)).find((one) => one.id === id);
  if (record === undefined) return { ...failure(name, undefined), outcome: 'already_deleted' };
  if (record.done) {
    const environments = options.purge ? await purgeRemoved(record.environments, ports) : record.environments;
    return { ...report({ ...record, environments }, []), outcome: 'already_deleted' };
  }
  await locked(repository, ports, () => moveAside(record, repository));
  return report(await finishDeletion(record, repository, ports), ['continued an interrupted deletion']);
}

/** Undefined when every risk is accepted: by an option, or on the terminal. */
async function refusalOf(
  { subject, judgement }: Case,
  { options, ports }: Work,
): Promise<Deletion | undefined> {
  const risks = judgement?.risks ?? [];
  const open = risks.filter(({ kind }) => !options.accepted.has(kind));
  if (open.length === 0) return undefined;
  const lines = open.flatMap(({ what, details }) => [
    `  ${what}`,
    ...details.map((detail) => `    ${detail}`),
  ]);
  if (await ports.ask(`Delete ${subject.name}?\n${lines.join('\n')}\nAll of this is given up. Delete it?`))
    return undefined;
  const path = placeOf(subject);
  return {
    name: subject.name,
    outcome: 'refused',
    environments: [],
    risks: open,
    notes: [],
    again: continueLine(subject.name, risks, options),
    ...defined({ path, branch: branchOf(subject) }),
  };
}

async function deleteEnvironment(
  { name, environment }: Subject & { readonly kind: 'environment' },
  { repository, options, ports }: Work,
): Promise<Deletion> {
  const place = {
    worktree: '',
    home: repository.home,
    endWorkflows: options.accepted.has('workflows'),
    purge: options.purge,
  };
  const removed = await removeEnvironment({ ...environment, state: 'there' }, place, ports);
  return { name, outcome: 'deleted', environments: [removed], risks: [], notes: [] };
}

async function deleteJudged(found: Case, work: Work): Promise<Deletion> {
  const { subject, condemned, judgement } = found;
  if (condemned === undefined || judgement === undefined) throw new Error(`${subject.name} was not judged`);
  const { repository, options, ports } = work;
  const made = await awaitMaking(condemned, { note: (text) => ports.screen.note(text) });
  if (options.accepted.has('processes')) await endProcesses(judgement.processes);
  const ran = await runDeletedHook(condemned, judgement, work);
  const moved = await locked(repository, ports, async () => {
    await requireNoWorktree(subject, work);
    const sure = ran || made || work.isSlow ? await judgedAgain(found, work) : judgement;
    const endWorkflows = options.accepted.has('workflows');
    const planned = await planDeletion(condemned, sure, { endWorkflows, purge: options.purge });
    await moveAside(planned, repository);
    return planned;
  });
  const done = await finishDeletion(moved, repository, ports);
  return { ...report(done, notesOf(judgement)), ...defined({ integrated: judgement.integrated }) };
}

/** Git forgets a worktree that is deleted, and one that is being deleted has its record first. */
async function isStillThere(
  { subject, condemned }: Pick<Case, 'subject' | 'condemned'>,
  { repository: { common } }: Work,
): Promise<boolean> {
  if (subject.kind === 'worktree') {
    const { path, main } = subject.worktree;
    if (main) return true;
    const gitFolder =
      condemned?.gitFolder ?? (await registrations(common)).find((one) => one.path === path)?.gitFolder;
    return gitFolder !== undefined && isThere(gitFolder);
  }
  const { name } = subject;
  if ((await readRecords(common)).some(({ done, branch }) => !done && branch === name)) return false;
  return (await shaOf(common, `refs/heads/${name}`)) !== undefined;
}

async function deletedSince(subject: Subject, work: Work): Promise<Deletion> {
  const { repository, ports } = work;
  const now = await repositoryAt(repository.common);
  const again = await subjectOf(subject.name, now, ports.cwd);
  if (again.kind === 'deleted') return resume(again.record, work);
  return { ...failure(subject.name, undefined), outcome: 'already_deleted' };
}

/** What a hook, a wait or another process changed in the meantime is not lost for having been judged before. */
async function judgedAgain({ subject, judgement }: Case, work: Work): Promise<Judgement> {
  const { accepted } = work.options;
  const seen = new Set([...accepted, ...(judgement?.risks ?? []).map(({ kind }) => kind)]);
  const again = await judge(subject, { ...work, usual: usualOf(work.repository.common), listedNow: false });
  const risks = (again.judgement?.risks ?? []).filter(({ kind }) => !seen.has(kind));
  const [first] = risks;
  if (first !== undefined) {
    throw new CoppiceError(
      'COPPICE_DELETE',
      `${subject.name} changed while it was about to be deleted: ${first.what}`,
      {
        hint: `look at it; to go on all the same: ${continueLine(subject.name, risks, work.options)}`,
      },
    );
  }
  if (again.judgement === undefined) throw new Error('was not judged');
  return again.judgement;
}

/** A branch that was alone may have been brought back with its worktree, or checked out in a new one. */
async function requireNoWorktree(subject: Subject, { repository: { common } }: Work): Promise<void> {
  if (subject.kind !== 'branch' || !(await isCheckedOut(common, subject.branch))) return;
  const { name } = subject;
  throw new CoppiceError(
    'COPPICE_DELETE',
    `${name} changed while it was about to be deleted: a worktree is on it`,
    {
      hint: `to delete it with that worktree: wt delete ${name}`,
    },
  );
}

function locked<T>({ common }: Repository, { screen }: Ports, work: () => Promise<T>): Promise<T> {
  return whileNothingMoves(common, work, () =>
    screen.note('another deletion in this repository runs: waiting for it'),
  );
}
