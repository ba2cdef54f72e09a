import { look } from '../../app/clusters/readiness.ts';
import { type QuickAnswer, quickAnswer } from '../../app/environments/quick-answer.ts';
import { type EnvironmentRecord, readRecord } from '../../app/environments/record.ts';
import { type Subject, subjectOf } from '../../app/environments/subject.ts';
import type { Command, Ports, Result } from '../../app/ports.ts';
import type { Target } from '../../app/target/target.ts';
import { duration } from '../../core/text/duration.ts';
import { table } from '../ui/table.ts';
import { phasesLine } from '../ui/timings.ts';

export interface UpArgs extends Target {
  readonly yes: boolean;
  /** Compares with the cluster even when everything seems to be up. */
  readonly refresh: boolean;
  /** Deletes the database of an environment whose spec has none any more, or one on another server. */
  readonly dropDatabase: boolean;
  /** Deletes its Temporal namespace, though workflows run in it, in the same case. */
  readonly dropTemporal: boolean;
}

/** Brings an environment up. When its content is unchanged and all of it answers, the engine is not even loaded. */
export const up: Command<UpArgs> = async (args, ports) => {
  const subject = await ports.phases.measure('content', () => subjectOf(args, ports.cwd));
  const { record, answer } = await ports.phases.measure('look', () => askQuickly(subject));
  if (answer.up && record && !args.refresh) return unchanged(record, ports);
  if (!answer.up && record) ports.screen.note(`${record.app}/${record.slug}: ${answer.reason}`);
  const { converge } = await import('../../app/environments/converge.ts');
  const converged = await converge(
    subject,
    { ...args, healthy: record !== undefined && (await isHealthy(record, answer)) },
    ports,
  );
  return changed(converged.record, converged.changes, ports);
};

async function askQuickly({
  likely,
  contentHash,
  identity,
}: Subject): Promise<{ record?: EnvironmentRecord; answer: QuickAnswer }> {
  const record = await readRecord(likely.app, likely.slug);
  const mine =
    record?.branch === identity.branch && record.worktree === identity.worktree ? record : undefined;
  return { ...(mine ? { record: mine } : {}), answer: await quickAnswer(mine, contentHash, look) };
}

/** Whether what is there can be trusted to be what the state says, so that changed content needs no refresh. */
async function isHealthy(record: EnvironmentRecord, answer: QuickAnswer): Promise<boolean> {
  if (answer.up) return true;
  return (await quickAnswer({ ...record, ownProgram: false }, record.contentHash, look)).up;
}

function unchanged(record: EnvironmentRecord, ports: Ports): Result {
  const { app, slug } = record;
  return {
    text: [`all up: ${app}/${slug}, nothing changed (${duration(ports.phases.total)})`, urls(record)].join(
      '\n',
    ),
    json: document(record, true, {}, ports),
  };
}

function changed(record: EnvironmentRecord, changes: Readonly<Record<string, number>>, ports: Ports): Result {
  const { app, slug } = record;
  const lines = [
    `${app}/${slug} is up (${duration(ports.phases.total)})`,
    urls(record),
    '',
    `  ${phasesLine(ports.phases)}`,
    '  try: wt status, wt logs -f, or edit a file and look again',
  ];
  return { text: lines.join('\n'), json: document(record, false, changes, ports) };
}

function urls({ urls }: EnvironmentRecord): string {
  if (urls.length === 0) return '  no service of it has a port, so there is no URL';
  return table(
    urls.map(({ service, url }) => [service, url]),
    '  ',
  );
}

function document(
  { app, slug, branch, worktree, commit, ready, urls }: EnvironmentRecord,
  unchanged: boolean,
  changes: Readonly<Record<string, number>>,
  { phases }: Ports,
) {
  const namespace = ready.namespace;
  const url = urls[0]?.url;
  return {
    app,
    slug,
    namespace,
    branch,
    worktree,
    commit,
    url,
    urls,
    unchanged,
    changes,
    timings: phases.list,
  };
}
