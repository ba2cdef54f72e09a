import { CoppiceError } from '../../../core/errors.ts';
import { until } from '../../../core/until.ts';
import { type ApiTarget, callApi } from '../api.ts';
import { nodeName } from './config-files.ts';
import { watchDatabase } from './kine-database.ts';
import type { Layout } from './layout.ts';
import { logPath } from './log-file.ts';
import { isRunning, type ProcessId, read } from './proc.ts';
import { readState } from './supervisor-state.ts';

const LOOK_EVERY_MS = 50;
/** kine tries once a second. */
const LOOKS_PER_LOG = 20;
/** Seconds after which a start gives up: ten times what it takes on a slow machine. */
const PATIENCE_S = 100;
/** A process that has ended this often since the wait began will not recover by itself. */
const HOPELESS_RESTARTS = 4;

export interface Waiting {
  readonly layout: Layout;
  readonly supervisor: ProcessId;
}

/** Waits until `probe` is true; fails early with the log of a process that keeps ending, the supervisor included. */
export async function waitUntil(
  { layout, supervisor }: Waiting,
  what: string,
  probe: () => Promise<boolean>,
): Promise<void> {
  const before = restarts(layout);
  const lookAtDatabase = await watchDatabase(layout);
  let looks = 0;
  let cause: unknown;
  const probeOnce = async () => {
    try {
      if (await probe()) return true;
    } catch (error) {
      cause = error;
    }
    looks += 1;
    if (looks % LOOKS_PER_LOG === 0) lookAtDatabase();
    if (!isRunning(supervisor)) throw failedError(layout, 'the supervisor ended', 'supervisor');
    for (const [name, count] of restarts(layout)) {
      if (count - (before.get(name) ?? 0) >= HOPELESS_RESTARTS)
        throw failedError(layout, `${name} keeps ending`, name);
    }
    return false;
  };
  await until(probeOnce, {
    every: LOOK_EVERY_MS,
    within: PATIENCE_S * 1000,
    late: () => lateError(layout, what, cause),
  });
}

function lateError(layout: Layout, what: string, cause: unknown): CoppiceError {
  const waiting = readState(layout)?.processes.find(({ waitsFor }) => waitsFor !== undefined);
  const reason = waiting === undefined ? '' : `; ${waiting.name} waits for ${waiting.waitsFor}`;
  return new CoppiceError('COPPICE_CLUSTER_FAILED', `${what}: not within ${PATIENCE_S} s${reason}`, {
    hint: `the logs are in ${layout.logs}`,
    cause,
  });
}

function restarts(layout: Layout): Map<string, number> {
  return new Map((readState(layout)?.processes ?? []).map(({ name, restarts }) => [name, restarts]));
}

function failedError(layout: Layout, what: string, name: string): CoppiceError {
  const file = logPath(layout.logs, name);
  const lines = (read(file) ?? '').trim().split('\n').slice(-8).join('\n');
  return new CoppiceError('COPPICE_CLUSTER_FAILED', `${what}. Its last lines:\n${lines}`, {
    hint: `the whole log is ${file}`,
  });
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastHeartbeatTime: string;
  readonly message?: string;
}

/** The node's Ready condition; undefined before it is registered. */
export async function readyCondition(target: ApiTarget): Promise<Condition | undefined> {
  const { status, body } = await callApi(target, `/api/v1/nodes/${nodeName}`, { timeout: 2_000 });
  if (status !== 200) return undefined;
  const node = JSON.parse(body) as { status?: { conditions?: Condition[] } };
  return node.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** `since`: a node that was Ready before a power cut is still reported so until kubelet's next report. */
export async function nodeReady(target: ApiTarget, since: Date | undefined): Promise<boolean> {
  const condition = await readyCondition(target);
  if (condition?.status !== 'True') return false;
  // Kubernetes' times are whole seconds.
  return (
    since === undefined ||
    Date.parse(condition.lastHeartbeatTime) >= Math.floor(since.getTime() / 1000) * 1000
  );
}
