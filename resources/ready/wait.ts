import { type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { lastLogLines } from '../../cluster/kube/pods.ts';
import { hintForImage, missingProgram } from '../../config/packages/missing-program.ts';
import { CoppiceError } from '../../core/errors.ts';
import { Label } from '../../core/labels.ts';
import { until } from '../../core/until.ts';
import { allAnswer, gatewayState, type RouteState, routeStates, serviceStates } from './check.ts';
import type { ExpectedService, ReadyPlan } from './contract.ts';
import type { ServiceFacts } from './facts.ts';
import { justStarted, type ServiceState } from './judge-service.ts';
import { judgeServices } from './judge-services.ts';
import { judgedSince, look, lookCloser } from './look.ts';
import { ProtocolCheck } from './other-protocol.ts';
import { isLate, patienceSeconds } from './patience.ts';
import { containerOf } from './runs.ts';
import { sentence } from './sentence.ts';

const POLL_MS = 50;
/** When the reason of a pod that has not started is worth further requests, and how often. */
const CLOSER_MS = 2_000;
const CLOSER_EVERY_MS = 1_000;
/** A pod without a run is of an earlier `up` when it is older than this. */
const EARLIER_POD_MS = 15_000;
/** A pod of the previous version may still hold what the new one needs, for its grace period and a little longer. */
const SCHEDULING_MS = 5_000;
/** An answer of 500 is the program's own word; a little later it may have what it lacked. */
const OWN_ERROR_MS = 10_000;
/** Routes follow their pods within 0.1 s; the rest is for a program that listens before it can answer. */
const ROUTES_MS = 60_000;
/** Traefik's watches start within a second, unless the machine is busy or Traefik cannot reach the API. */
const GATEWAY_MS = 60_000;
/** Images are there before the engine runs, and each such server starts within seconds on a quiet machine. */
const OPTIONAL_MS = 60_000;
const LOG_LINES = 20;

/**
 * Waits until all pods are ready and all routes answer. Throws COPPICE_NOT_READY with service, reason and its last log
 * lines, as soon as waiting cannot help; COPPICE_INTERRUPTED. Optional services never make it throw.
 */
export async function waitUntilReady(kube: Kube, plan: ReadyPlan, signal: AbortSignal): Promise<void> {
  const { required, optional } = parted(plan);
  const pods = new PodWait(kube, required, signal);
  await pods.untilAnswering();
  await untilGatewayReady(kube, required, signal);
  await untilRoutesReady(kube, required, pods, signal);
  await pods.untilProven();
  await untilSettled(kube, optional, signal);
}

/**
 * The plan without its optional services, and with them alone.
 *
 * @internal Exported for its test.
 */
export function parted(plan: ReadyPlan): { readonly required: ReadyPlan; readonly optional: ReadyPlan } {
  const isOptional = (name: string) => plan.optional?.includes(name) ?? false;
  const those = (wanted: boolean): ReadyPlan => ({
    ...plan,
    services: plan.services.filter(({ name }) => isOptional(name) === wanted),
    routes: plan.routes.filter(({ service }) => isOptional(service) === wanted),
  });
  return { required: those(false), optional: those(true) };
}

/** Until every service of the plan answers, or has shown that it will not soon. */
async function untilSettled(kube: Kube, plan: ReadyPlan, signal: AbortSignal): Promise<void> {
  if (plan.services.length === 0) return;
  const attempt = async (elapsed: number) => {
    const services = judgeServices(await lookCloser(kube, plan), Date.now());
    const unsettled = services.filter((service) => !isSettled(service, elapsed));
    if (unsettled.length > 0) return false;
    const awaited = plan.routes.filter(({ service }) =>
      services.some((one) => one.name === service && answers(one)),
    );
    return (await routeStates({ ...plan, routes: awaited })).every(({ ready }) => ready);
  };
  await until(attempt, { done: Boolean, every: 4 * POLL_MS, within: OPTIONAL_MS, signal });
}

/**
 * A program that ended once may well start at its second try, but nobody should wait for that.
 *
 * @internal Exported for its test.
 */
export function isSettled(service: ServiceState, elapsed: number): boolean {
  return isHopeless(service, elapsed) || answers(service) || service.restarts > 0;
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

/** The wait for pods, which remembers what it has already restarted. */
class PodWait {
  private readonly kube: Kube;
  private readonly plan: ReadyPlan;
  private readonly signal: AbortSignal;
  private readonly began = Date.now();
  private readonly clock = performance.now();
  private readonly restarted = new Set<string>();
  private closer = 0;

  constructor(kube: Kube, plan: ReadyPlan, signal: AbortSignal) {
    this.kube = kube;
    this.plan = plan;
    this.signal = signal;
  }

  /** Until the pods of every service are ready. What nothing can ask may have just started. */
  async untilAnswering(): Promise<void> {
    await this.until((services) => services.every((service) => answers(service) || isNew(service)));
  }

  /** Until every process without a port has lasted for a moment too, and runs rather than watches. */
  async untilProven(): Promise<void> {
    const attempt = async () => {
      const services = await this.judge(look);
      if (allAnswer(services)) return true;
      if (services.some(({ hopeless }) => hopeless) || this.isCloserDue) await this.fail();
      return false;
    };
    await until(attempt, { every: 4 * POLL_MS, signal: this.signal });
  }

  private async until(enough: (services: readonly ServiceState[]) => boolean): Promise<void> {
    const attempt = async () => {
      const services = await serviceStates(this.kube, this.plan);
      if (enough(services)) return true;
      if (services.some(({ hopeless }) => hopeless) || this.isCloserDue) await this.fail();
      return false;
    };
    await until(attempt, {
      every: () => (this.elapsed > CLOSER_MS ? 2 * POLL_MS : POLL_MS),
      signal: this.signal,
    });
  }

  private get isCloserDue(): boolean {
    return this.elapsed > CLOSER_MS && this.elapsed - this.closer > CLOSER_EVERY_MS;
  }

  private get elapsed(): number {
    return performance.now() - this.clock;
  }

  private async judge(
    how: (kube: Kube, plan: ReadyPlan) => Promise<ServiceFacts[]>,
  ): Promise<ServiceState[]> {
    return judgeServices(await how(this.kube, this.plan), Date.now());
  }

  /** Throws when a closer look shows that waiting cannot help; restarts once what was already like that before. */
  private async fail(): Promise<void> {
    this.closer = this.elapsed;
    const facts = await lookCloser(this.kube, this.plan);
    const services = judgeServices(facts, Date.now());
    const failed = services.filter((service) => isHopeless(service, this.elapsed) || this.isLate(service));
    const first = failed.filter(({ name }) => !this.restarted.has(name));
    const earlier = first.flatMap((service) => podsFromBefore(service, facts, this.began));
    if (earlier.length === 0) {
      if (failed.length === 0) return;
      const others = services.filter((service) => !failed.includes(service) && !answers(service));
      throw await notReadyError(this.kube, this.plan, { failed, others });
    }
    for (const { service } of earlier) this.restarted.add(service);
    await Promise.all(earlier.map(({ pod }) => this.remove(pod)));
  }

  private isLate(service: ServiceState): boolean {
    return !answers(service) && isLate(service, expectedOf(this.plan.services, service.name), this.elapsed);
  }

  /** Its Deployment creates another one at once. */
  private async remove(name: string): Promise<void> {
    const { namespace } = this.plan;
    await unlessGone(this.kube.core.deleteNamespacedPod({ namespace, name }));
  }
}

function answers(service: ServiceState): boolean {
  return allAnswer([service]);
}

function isNew({ state, ready, replicas, reason }: ServiceState): boolean {
  return state === 'starting' && ready < replicas && reason === justStarted;
}

/**
 * Pods that failed in the same way before this wait: a program that has since been corrected, or packages that have
 * since been installed, are only seen by a new process.
 */
function podsFromBefore(
  { name, hopeless, pod }: ServiceState,
  facts: readonly ServiceFacts[],
  began: number,
): { readonly service: string; readonly pod: string }[] {
  if (!hopeless || pod === undefined) return [];
  const found = facts.flatMap(({ pods }) => pods).find((one) => one.pod.metadata?.name === pod);
  if (!found) return [];
  const margin = hasRun(found) ? 0 : EARLIER_POD_MS;
  return judgedSince(found.pod) + margin < began ? [{ service: name, pod }] : [];
}

function hasRun({ pod }: ServiceFacts['pods'][number]): boolean {
  const container = containerOf(pod);
  return Boolean(
    container?.state?.running ?? container?.state?.terminated ?? container?.lastState?.terminated,
  );
}

function isHopeless(
  { hopeless, reason }: Pick<ServiceState, 'hopeless' | 'reason'>,
  elapsed: number,
): boolean {
  if (!hopeless) return false;
  return elapsed > SCHEDULING_MS || !reason?.includes('cannot be scheduled');
}

function expectedOf(services: readonly ExpectedService[], name: string): ExpectedService {
  const found = services.find((service) => service.name === name);
  if (!found) throw new Error(`service ${name} is not expected`);
  return found;
}

async function untilRoutesReady(
  kube: Kube,
  plan: ReadyPlan,
  pods: PodWait,
  signal: AbortSignal,
): Promise<void> {
  const protocol = new ProtocolCheck(kube, plan);
  const waiting = async (elapsed: number) => {
    // A service may well crash at its first request.
    if (elapsed > CLOSER_MS) await pods.untilAnswering();
    const routes = (await routeStates(plan)).filter(({ ready }) => !ready);
    await protocol.check(routes, elapsed);
    // The program itself says that: the gateway does only of one with another protocol, which was found out above.
    const own = routes.filter(({ status }) => status === 500);
    if (elapsed > OWN_ERROR_MS && own.length > 0) throw await unansweredError(kube, plan, own);
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

/** `others`: those that may still become ready, but were not waited for any longer. */
interface Unready {
  readonly failed: readonly ServiceState[];
  readonly others: readonly ServiceState[];
}

async function notReadyError(
  kube: Kube,
  plan: ReadyPlan,
  { failed, others }: Unready,
): Promise<CoppiceError> {
  const parts = await Promise.all(
    failed.map(async (service) => {
      const { name, hopeless, reason = 'is not ready', error, pod } = service;
      const late = hopeless ? '' : ` after ${patienceSeconds(service, expectedOf(plan.services, name))} s`;
      const log = await logOf(kube, plan, pod);
      const said =
        error === undefined || log.slice(-3).some((line) => line.includes(error)) ? '' : `: ${error}`;
      return [`${sentence(`service ${name}`, reason)}${late}${said}`, ...log].join('\n');
    }),
  );
  const rest = others.map(
    ({ name, reason = 'is starting' }) => `service ${name} is not ready yet: ${reason}`,
  );
  return new CoppiceError('COPPICE_NOT_READY', [...parts, ...rest].join('\n'), { hint: hintFor(failed) });
}

/** What its image lacks; where the process says more, or else where the rest is to be seen. */
function hintFor(failed: readonly ServiceState[]): string {
  const program = missingProgram(failed.flatMap(({ reason = '', error = '' }) => [reason, error]));
  if (program !== undefined) return hintForImage(program);
  const logs = failed.flatMap(({ name, pod, ended, restarts, age }) => {
    if (pod === undefined || (age === undefined && !ended)) return [];
    return [`wt logs ${name}${ended && restarts > 0 ? ' --previous' : ''}`];
  });
  return logs.length === 0 ? 'wt status' : [...new Set(logs)].slice(0, 3).join(', ');
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
  const services = [...new Set(routes.map(({ service }) => service))].slice(0, 3);
  // Without a watcher only a new process sees a corrected file.
  const hint = [...services.map((name) => `wt logs ${name}`), `wt restart ${services.join(' ')}`].join(', ');
  return new CoppiceError('COPPICE_NOT_READY', parts.join('\n'), { hint });
}

async function logOf(kube: Kube, { namespace }: ReadyPlan, pod: string | undefined): Promise<string[]> {
  if (pod === undefined) return [];
  const lines = await lastLogLines(kube, { namespace, pod }, LOG_LINES);
  return lines.length === 0 ? ['  (it printed nothing)'] : lines.map((line) => `  | ${line}`);
}
