import type { Kube } from '../../cluster/kube/client.ts';
import { lastLogLines } from '../../cluster/kube/pods.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Label } from '../../core/labels.ts';
import { until } from '../../core/until.ts';
import {
  allReady,
  gatewayState,
  type RouteState,
  routeStates,
  type ServiceState,
  serviceStates,
} from './check.ts';
import type { ExpectedService, ReadyPlan } from './contract.ts';
import { explainStates } from './explain.ts';
import { ProtocolCheck } from './other-protocol.ts';

const POLL_MS = 50;
/** When the reason of a pod that has not started is worth another request. */
const CLOSER_MS = 2_000;
/** A pod of the previous version may still hold what the new one needs, for its grace period and a little longer. */
const SCHEDULING_MS = 5_000;
/** Routes follow their pods within 0.1 s; the rest is for a program that listens before it can answer. */
const ROUTES_MS = 60_000;
/** Traefik's watches start within a second, unless the machine is busy or Traefik cannot reach the API. */
const GATEWAY_MS = 60_000;
const LOG_LINES = 20;

/**
 * Waits until all pods are ready and all routes answer. Throws COPPICE_NOT_READY with service, reason and its last log
 * lines, as soon as waiting cannot help; COPPICE_INTERRUPTED.
 */
export async function waitUntilReady(kube: Kube, plan: ReadyPlan, signal: AbortSignal): Promise<void> {
  await untilPodsReady(kube, plan, signal);
  await untilGatewayReady(kube, plan, signal);
  await untilRoutesReady(kube, plan, signal);
}

async function untilGatewayReady(kube: Kube, plan: ReadyPlan, signal: AbortSignal): Promise<void> {
  await until(() => gatewayState(kube, plan), {
    done: (gateway) => gateway?.ready ?? true,
    every: 2 * POLL_MS,
    within: GATEWAY_MS,
    late: (gateway) => gatewayError(kube, plan, gateway?.reason),
    signal,
  });
}

async function gatewayError(kube: Kube, plan: ReadyPlan, reason: string | undefined): Promise<CoppiceError> {
  const { items } = await kube.core.listNamespacedPod({ namespace: plan.namespace });
  const log = await logOf(kube, plan, items[0]?.metadata?.name);
  return new CoppiceError('COPPICE_NOT_READY', [`gateway ${plan.gateway} ${reason}`, ...log].join('\n'));
}

async function untilPodsReady(kube: Kube, plan: ReadyPlan, signal: AbortSignal): Promise<void> {
  const areReady = async (elapsed: number) => {
    let services = await serviceStates(kube, plan);
    if (allReady(services)) return true;
    if (elapsed > CLOSER_MS) services = await explainStates(kube, plan, services);
    const failed = services.filter(
      (service) => isHopeless(service, elapsed) || isLate(service, plan, elapsed),
    );
    if (failed.length > 0) throw await notReadyError(kube, plan, failed, elapsed);
    return false;
  };
  await until(areReady, {
    every: ({ elapsed }) => (elapsed > CLOSER_MS ? 2 * POLL_MS : POLL_MS),
    signal,
  });
}

function isHopeless({ state, reason }: ServiceState, elapsed: number): boolean {
  if (state !== 'failing') return false;
  return elapsed > SCHEDULING_MS || !reason?.startsWith('cannot be scheduled');
}

function isLate({ name, state }: ServiceState, plan: ReadyPlan, elapsed: number): boolean {
  if (state === 'ready' || state === 'off') return false;
  return elapsed > secondsOf(plan.services, name) * 1000;
}

function secondsOf(services: readonly ExpectedService[], name: string): number {
  return services.find((service) => service.name === name)?.timeoutSeconds ?? 0;
}

async function untilRoutesReady(kube: Kube, plan: ReadyPlan, signal: AbortSignal): Promise<void> {
  const protocol = new ProtocolCheck(kube, plan);
  const waiting = async (elapsed: number) => {
    // A service may well crash at its first request.
    if (elapsed > CLOSER_MS) await untilPodsReady(kube, plan, signal);
    const routes = (await routeStates(plan)).filter(({ ready }) => !ready);
    await protocol.check(routes, elapsed);
    return routes;
  };
  await until(waiting, {
    done: (routes) => routes.length === 0,
    every: POLL_MS,
    within: ROUTES_MS,
    late: (routes) => unansweredError(kube, plan, routes),
    signal,
  });
}

async function notReadyError(
  kube: Kube,
  plan: ReadyPlan,
  failed: readonly ServiceState[],
  elapsed: number,
): Promise<CoppiceError> {
  const parts = await Promise.all(
    failed.map(async ({ name, state, reason, pod }) => {
      const late = state === 'failing' ? '' : ` after ${Math.round(elapsed / 1000)} s`;
      return [`service ${name} ${reason}${late}`, ...(await logOf(kube, plan, pod))].join('\n');
    }),
  );
  return new CoppiceError('COPPICE_NOT_READY', parts.join('\n'));
}

async function unansweredError(
  kube: Kube,
  plan: ReadyPlan,
  routes: readonly RouteState[],
): Promise<CoppiceError> {
  const { items } = await kube.core.listNamespacedPod({ namespace: plan.namespace });
  const parts = await Promise.all(
    routes.map(async ({ service, host, path, reason }) => {
      const pod = items.find(({ metadata }) => metadata?.labels?.[Label.service] === service)?.metadata?.name;
      return [`service ${service}: http://${host}${path} ${reason}`, ...(await logOf(kube, plan, pod))].join(
        '\n',
      );
    }),
  );
  return new CoppiceError('COPPICE_NOT_READY', parts.join('\n'));
}

async function logOf(kube: Kube, { namespace }: ReadyPlan, pod: string | undefined): Promise<string[]> {
  if (pod === undefined) return [];
  const lines = await lastLogLines(kube, { namespace, pod }, LOG_LINES);
  return lines.length === 0 ? ['  (it printed nothing)'] : lines.map((line) => `  | ${line}`);
}
