import { defined } from '../../core/defined.ts';
import { folderMark } from '../../core/files.ts';
import { recordMark } from '../../core/state/moved-repositories.ts';
import { readyContract } from '../../resources/ready/contract.ts';
import { readyPlanOf } from '../clusters/readiness.ts';
import { readStack } from '../engine/index.ts';
import { keptNamespace, temporalOf } from '../workflows/resource.ts';
import type { DesiredEnvironment } from './desired-environment.ts';
import { type EnvironmentRecord, writeRecord } from './record.ts';
import { sortUrls } from './routes.ts';

/** Records the result of an `up`, for the quick answer of the next one. */
export async function recordResult(
  { source, plan, cluster, watched, contentHash, content }: DesiredEnvironment,
  ownProgram: boolean,
): Promise<EnvironmentRecord> {
  const { app, slug, routes } = plan;
  const { branch, worktree, commit } = source.identity;
  const stack = { project: app, stack: slug };
  const ready = await readyPlanOf(stack);
  if (!ready) throw new Error(`the stack ${app}/${slug} has no resource ${readyContract.token} after an up`);
  const temporal = keptNamespace(temporalOf(await readStack(stack)), cluster);
  const record: EnvironmentRecord = {
    contentHash,
    app,
    slug,
    branch,
    worktree,
    commit,
    ownProgram,
    watched,
    specFile: source.specFile,
    content,
    ready,
    ...defined({ temporal }),
    urls: sortUrls(routes.map(({ service, url }) => ({ service, url }))),
    upAt: new Date().toISOString(),
  };
  await writeRecord(record);
  const { repository } = source.identity;
  const mark = await folderMark(repository);
  if (mark !== undefined) await recordMark(repository, mark);
  return record;
}
