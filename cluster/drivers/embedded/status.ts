import { existsSync } from 'node:fs';
import { defined } from '../../../core/defined.ts';
import { messageOf } from '../../../core/errors.ts';
import type { ClusterStatus } from '../../driver.ts';
import type { ApiTarget } from '../api.ts';
import { apiAnswers } from '../api.ts';
import type { Layout } from './layout.ts';
import { ownProcesses } from './own-processes.ts';
import { asRoot } from './preflight.ts';
import { isRunning } from './proc.ts';
import { readyCondition } from './readiness.ts';
import { readState, type SupervisorState, supervisorOf } from './supervisor-state.ts';

type Part = ClusterStatus['parts'][number];

/** Reads the supervisor's state file and queries the API: needs no root. */
export async function clusterStatus(layout: Layout, target: ApiTarget): Promise<ClusterStatus> {
  if (!existsSync(layout.data)) {
    return { state: 'absent', parts: [], problem: `there is no cluster yet: run \`${asRoot('start')}\`` };
  }
  const state = readState(layout);
  const processes = processParts(state);
  const unrecorded = state === undefined ? ownProcesses(layout).length : 0;
  if (unrecorded > 0) {
    return {
      state: 'degraded',
      parts: [{ name: 'supervisor', state: 'unknown', detail: `${layout.state} is gone or damaged` }],
      problem: `${unrecorded} processes of the cluster run and ${layout.state}, which records them, is gone or damaged: run \`${asRoot('start')}\`, which starts them again`,
    };
  }
  if (!processes.some((part) => part.state === 'running')) {
    return {
      state: 'stopped',
      parts: processes,
      problem: `the cluster is stopped: run \`${asRoot('start')}\``,
    };
  }
  const parts = [...processes, await apiPart(target), await nodePart(target)];
  const bad = parts.find((part) => !['running', 'answers', 'Ready'].includes(part.state));
  if (bad === undefined) return { state: 'running', parts };
  return {
    state: 'degraded',
    parts,
    problem: `${bad.name}: ${bad.state}${bad.detail === undefined ? '' : ` (${bad.detail})`}; run \`${asRoot('start')}\``,
  };
}

/** @internal Exported for its test, which passes in facts of other machines. */
export function processParts(state: SupervisorState | undefined): Part[] {
  if (state === undefined) return [];
  const supervisor = supervisorOf(state);
  return [
    supervisor === undefined
      ? { name: 'supervisor', state: 'ended' }
      : { name: 'supervisor', state: 'running', detail: `pid ${supervisor.pid}` },
    ...state.processes.map(({ name, id, restarts, lastEnd, waitsFor }) => {
      if (id === undefined || !isRunning(id)) {
        const detail = waitsFor === undefined ? lastEnd : `waits for ${waitsFor}`;
        return { name, state: 'ended', ...defined({ detail }) };
      }
      const again =
        restarts === 0
          ? ''
          : `, restarted ${restarts} times${lastEnd === undefined ? '' : `, last ${lastEnd}`}`;
      return { name, state: 'running', detail: `pid ${id.pid}${again}` };
    }),
  ];
}

async function apiPart(target: ApiTarget): Promise<Part> {
  try {
    return { name: 'API server', state: (await apiAnswers(target)) ? 'answers' : 'not ready' };
  } catch (error) {
    return { name: 'API server', state: 'does not answer', detail: messageOf(error) };
  }
}

async function nodePart(target: ApiTarget): Promise<Part> {
  try {
    const condition = await readyCondition(target);
    if (condition?.status === 'True') return { name: 'node', state: 'Ready' };
    return { name: 'node', state: 'not Ready', detail: condition?.message ?? 'not registered' };
  } catch (error) {
    return { name: 'node', state: 'unknown', detail: messageOf(error) };
  }
}
