import type { KubeReader } from '../../cluster/kube/client.ts';
import { lightKube } from '../../cluster/kube/light-kube.ts';
import { hasCode, messageOf } from '../../core/errors.ts';
import { interruptible } from '../../core/interrupts.ts';
import { Label } from '../../core/labels.ts';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { nearest } from '../../core/suggest.ts';
import { KEPT_MS } from '../../servers/telemetry/kept.ts';
import {
  countLogs,
  groupLogs,
  type LogFilter,
  type LogGroup,
  type LogRow,
  type LogTotals,
  queryLogs,
  readStoredLines,
  type StoredLine,
  servicesWithLogs,
} from '../../servers/telemetry/logs.ts';
import { type Asker, askThroughApi } from '../../servers/telemetry/reach.ts';
import type { AskedLevel } from '../../servers/telemetry/severity.ts';
import { callCluster } from '../clusters/connection.ts';
import { requireClusterRecord } from '../clusters/require-record.ts';
import type { Ports } from '../ports.ts';
import { type EnvironmentName, nameToLookAt, type Target } from '../target/target.ts';
import { periodSince } from '../telemetry/period.ts';
import { lookAt, periodOf, requireRemembered } from '../telemetry/presence.ts';
import { meant, noServiceError } from './meant-service.ts';

/** What is asked of the store of logs. */
export interface LogsQuestion {
  readonly target: Target;
  /** A service, and a text; a word that is no service is a text. */
  readonly words: readonly string[];
  /** From `--service`. */
  readonly service?: string;
  readonly level?: AskedLevel;
  /** As it was typed: `15m`, `2h`. */
  readonly since?: string;
  /** Lines in the order of time instead of groups: how many, and how many around each. */
  readonly lines?: { readonly most: number; readonly context: number };
  readonly trace?: string;
  /** Of every environment. */
  readonly all: boolean;
  /** LogsQL. */
  readonly query?: string;
}

/** What an answer is about. */
export interface LogsAbout {
  /** Undefined for all environments. */
  readonly name?: EnvironmentName;
  /** The environment is not there any more; what it logged still is. */
  readonly gone: boolean;
  readonly from: Date;
  readonly to: Date;
  /** When the environment was created, where the period begins before: earlier lines are of one with the same name. */
  readonly began?: Date;
  readonly service?: string;
  readonly text?: string;
  /** Of the whole period. */
  readonly totals: LogTotals;
  /** Where the period has no line: what there is since `from`, up to its end. */
  readonly kept?: Kept;
}

export interface Kept {
  readonly from: Date;
  readonly totals: LogTotals;
}

/** `matched`: how many of all lines the question meant. */
export type LogsAnswer = LogsAbout &
  (
    | { readonly kind: 'groups'; readonly matched: LogTotals; readonly groups: readonly LogGroup[] }
    | { readonly kind: 'lines'; readonly matched: LogTotals; readonly lines: readonly StoredLine[] }
    | { readonly kind: 'rows'; readonly rows: readonly LogRow[] }
  );

/** The store does not have what was asked: it is not joined, does not answer, or has no line of this environment. */
export interface NoAnswer {
  readonly kind: 'none';
  /** A sentence for people; undefined where nobody would expect a store. */
  readonly why?: string;
}

/**
 * Asks the store of logs. Throws what naming an environment throws, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN,
 * COPPICE_NO_ENVIRONMENT for one that is not there and left nothing in any store, COPPICE_NO_SERVICE, COPPICE_TELEMETRY_REFUSED; where
 * only the store can answer also COPPICE_NO_TELEMETRY and COPPICE_TELEMETRY_UNREACHABLE.
 */
export async function askLogs(question: LogsQuestion, ports: Ports): Promise<LogsAnswer | NoAnswer> {
  const name = question.all ? undefined : await named(question.target, ports);
  const record = await requireClusterRecord();
  const there = name && (await callCluster(record, async () => look(await lightKube(record), name)));
  if (name && !there) await requireRemembered(name, record);
  const onlyStore = !isAnsweredByPods(question) || (name && !there);
  return interruptible(ports.interrupts, async (signal) => {
    const store = { record, name, there, signal };
    try {
      return await answerOf(question, { ...store, asker: await askThroughApi(record, 'logs') });
    } catch (error) {
      if (onlyStore || !hasCode(error, 'COPPICE_NO_TELEMETRY', 'COPPICE_TELEMETRY_UNREACHABLE')) throw error;
      const why = hasCode(error, 'COPPICE_NO_TELEMETRY') ? {} : { why: messageOf(error) };
      return { kind: 'none', ...why };
    }
  });
}

async function named(target: Target, ports: Ports): Promise<EnvironmentName> {
  const { name, damage } = await nameToLookAt(target, ports.cwd);
  if (damage !== undefined) ports.screen.note(messageOf(damage));
  return name;
}

/** An environment that exists. */
interface There {
  readonly created: Date | undefined;
  readonly services: readonly string[];
}

/** Undefined where there is no namespace. Throws COPPICE_CLAIMED. */
async function look(kube: KubeReader, name: EnvironmentName): Promise<There | undefined> {
  const { namespace } = name;
  const [there, deployments] = await Promise.all([
    lookAt(kube, name),
    kube.apps.listNamespacedDeployment({ namespace, labelSelector: Label.service }),
  ]);
  if (there === undefined) return undefined;
  const services = deployments.items.flatMap(({ metadata }) => metadata?.labels?.[Label.service] ?? []);
  return { ...there, services: services.sort() };
}

interface Store {
  readonly record: ClusterRecord;
  readonly asker: Asker;
  readonly name: EnvironmentName | undefined;
  readonly there: There | undefined;
  readonly signal: AbortSignal;
}

/** @internal Its test asks a store without a cluster. */
export async function answerOf(
  question: LogsQuestion,
  store: Omit<Store, 'record'>,
): Promise<LogsAnswer | NoAnswer> {
  const { asker, name, there, signal } = store;
  const gone = name !== undefined && there === undefined;
  const now = Date.now();
  const whole = {
    namespace: name?.namespace ?? 'every environment',
    ...datesOf(question.since, store, now),
  };
  // The services of an environment that is gone are those that the store remembers.
  const remembered = gone ? { ...whole, from: new Date(now - KEPT_MS) } : whole;
  const services = there?.services ?? (await servicesWithLogs(asker, remembered, signal));
  const { service, text } = meant(question, services);
  const { level, trace } = question;
  const filter: LogFilter = {
    ...whole,
    ...(service !== undefined && { services: [service] }),
    ...(text !== undefined && { text }),
    ...(level !== undefined && { level }),
    ...(trace !== undefined && { trace }),
  };
  const [totals, found] = await Promise.all([
    countLogs(asker, whole, signal),
    find(question, filter, { asker, signal }),
  ]);
  const kept = totals.total === 0 && name ? await keptOf(store, whole, now) : undefined;
  if (name !== undefined && !gone && kept?.totals.total === 0 && isAnsweredByPods(question))
    return { kind: 'none', why: `the log store has no lines of ${name.app}/${name.slug}` };
  const about: LogsAbout = {
    ...(name && { name }),
    gone,
    from: whole.from,
    to: whole.to,
    ...(there?.created && whole.from < there.created && { began: there.created }),
    ...(service !== undefined && { service }),
    ...(text !== undefined && { text }),
    totals,
    ...(kept && kept.totals.total > 0 && { kept }),
  };
  if (found.kind !== 'rows' && found.matched.total === 0) refuseTypo(question, services);
  return { ...about, ...found };
}

/** What there is since the environment was created; of one that is gone, all that is kept. */
async function keptOf(
  { asker, there, signal }: Pick<Store, 'asker' | 'there' | 'signal'>,
  whole: LogFilter,
  now: number,
): Promise<Kept> {
  const from = there?.created ?? new Date(now - KEPT_MS);
  return { from, totals: await countLogs(asker, { ...whole, from }, signal) };
}

/** What the answer has beside its totals. */
type Found =
  | Pick<Extract<LogsAnswer, { readonly kind: 'groups' }>, 'kind' | 'matched' | 'groups'>
  | Pick<Extract<LogsAnswer, { readonly kind: 'lines' }>, 'kind' | 'matched' | 'lines'>
  | Pick<Extract<LogsAnswer, { readonly kind: 'rows' }>, 'kind' | 'rows'>;

async function find(
  { query, lines: asked }: LogsQuestion,
  filter: LogFilter,
  { asker, signal }: Pick<Store, 'asker' | 'signal'>,
): Promise<Found> {
  if (query !== undefined) return { kind: 'rows', rows: await queryLogs(asker, filter, query, signal) };
  const counting = countLogs(asker, filter, signal);
  if (asked === undefined) {
    const [matched, groups] = await Promise.all([counting, groupLogs(asker, filter, signal)]);
    return { kind: 'groups', matched, groups };
  }
  const newest = { lines: asked.most, context: asked.context };
  const [matched, lines] = await Promise.all([counting, readStoredLines(asker, filter, newest, signal)]);
  return { kind: 'lines', matched, lines };
}

/** What the pods' own logs can answer too. */
function isAnsweredByPods({ all, query, trace, lines }: LogsQuestion): boolean {
  return !all && query === undefined && trace === undefined && (lines?.context ?? 0) === 0;
}

function datesOf(
  since: string | undefined,
  { name, there }: Pick<Store, 'name' | 'there'>,
  now: number,
): { from: Date; to: Date } {
  const presence = {
    gone: name !== undefined && there === undefined,
    ...(there?.created && { created: there.created.getTime() }),
  };
  const { from, to } = since === undefined ? periodOf(presence, now) : periodSince(since, now);
  return { from: new Date(from), to: new Date(to) };
}

/** `wt logs wbe` without a line that has it: the service was meant. */
function refuseTypo({ words: [first], service }: LogsQuestion, services: readonly string[]): void {
  if (first === undefined || service !== undefined || services.includes(first)) return;
  if (nearest(first, services) !== undefined) throw noServiceError(first, services);
}
