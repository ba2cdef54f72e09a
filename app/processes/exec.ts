import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import type { Kube } from '../../cluster/kube/client.ts';
import { type ExecRequest, execInPod, withTerminal } from '../../cluster/kube/exec.ts';
import { eventsOf, whyNotReady } from '../../cluster/kube/pods.ts';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { exitCodeOfSignal, SignalRelay } from '../../core/foreground.ts';
import { Label } from '../../core/labels.ts';
import { environmentName } from '../../core/names.ts';
import { didYouMean } from '../../core/suggest.ts';
import { callCluster, connectCluster } from '../clusters/connection.ts';
import { markEnvironmentTouched } from '../environments/mark-touched.ts';
import { observe, requireObserved } from '../environments/observe.ts';
import { requireService } from '../environments/service-name.ts';
import type { Ports, TerminalStreams } from '../ports.ts';
import { type EnvironmentName, nameEnvironment, type Target } from '../target/target.ts';
import { verbLine } from '../target/verb-line.ts';

export interface ExecInService {
  readonly target: Target;
  readonly service: string;
  /** Name of one of its pods, or the end of one; the newest that is ready when undefined. */
  readonly pod: string | undefined;
  /** argv; a shell when empty. */
  readonly command: readonly string[];
}

/**
 * Runs a command in a pod of a service, with this terminal where there is one. Returns its exit code. Throws
 * COPPICE_NO_ENVIRONMENT (also for a stopped one), COPPICE_NO_SERVICE, COPPICE_NOT_READY when no process of it runs,
 * COPPICE_NO_PROGRAM (exit code 127, 126), COPPICE_EXEC, COPPICE_NO_CLUSTER, COPPICE_CLUSTER_DOWN.
 */
export async function exec(
  { target, service, pod: wanted, command }: ExecInService,
  ports: Ports & { readonly streams: TerminalStreams },
): Promise<number> {
  const name = await nameEnvironment(target, ports.cwd);
  const { kube, record } = await connectCluster();
  return callCluster(record, async () => {
    await requireService(kube, name, service);
    const pod = await podOf(kube, name, { target, service, wanted }, (text) => ports.screen.note(text));
    await markEnvironmentTouched(name);
    ports.screen.close();
    const place = placeIn(pod, name.namespace, service);
    const remote = new RemoteCommand(kube, place, command.length === 0 ? shell : command, service);
    return remote.run(ports);
  });
}

/** bash where the image has it. */
const shell = ['/bin/sh', '-c', 'if command -v bash > /dev/null; then exec bash; else exec sh; fi'];

interface Choice {
  readonly target: Target;
  readonly service: string;
  readonly wanted: string | undefined;
}

async function podOf(
  kube: Kube,
  name: EnvironmentName,
  { target, service, wanted }: Choice,
  note: (text: string) => void,
): Promise<V1Pod> {
  const labelSelector = `${Label.service}=${service}`;
  const { items } = await kube.core.listNamespacedPod({ namespace: name.namespace, labelSelector });
  const pods = items.filter(({ metadata }) => !metadata?.deletionTimestamp);
  if (wanted !== undefined) return namedPod(pods, service, wanted);
  const ready = newestFirst(pods).find((pod) => whyNotReady(pod) === undefined);
  if (ready) return ready;
  const running = newestFirst(pods).find((pod) => runs(pod, service));
  const why = await reasonFor(kube, name, pods);
  if (running) {
    note(`${service} is not ready: ${why}; this is ${running.metadata?.name}`);
    return running;
  }
  if (pods.length === 0) throw await noPodsError(kube, name, target, service);
  throw new CoppiceError('COPPICE_NOT_READY', `no process of ${service} runs: ${why}`, {
    hint: `wt logs ${service} --previous`,
  });
}

/** By its whole name or the end of it, as `wt logs` shows it. */
function namedPod(pods: readonly V1Pod[], service: string, wanted: string): V1Pod {
  const nameOf = ({ metadata }: V1Pod) => metadata?.name ?? '';
  const found = pods.filter((pod) => nameOf(pod) === wanted || nameOf(pod).endsWith(`-${wanted}`));
  if (found[0] && found.length === 1) return found[0];
  throw new CoppiceError('COPPICE_NO_SERVICE', `${service} has no pod ${wanted}`, {
    hint: didYouMean(wanted, pods.map(nameOf), 'pods'),
  });
}

function newestFirst(pods: readonly V1Pod[]): V1Pod[] {
  const time = ({ metadata }: V1Pod) => new Date(metadata?.creationTimestamp ?? 0).getTime();
  return [...pods].sort((one, other) => time(other) - time(one));
}

function runs(pod: V1Pod, service: string): boolean {
  const container = containerIn(pod, service);
  return (
    pod.status?.containerStatuses?.some(({ name, state }) => name === container && state?.running) ?? false
  );
}

async function reasonFor(
  kube: Kube,
  { namespace }: EnvironmentName,
  pods: readonly V1Pod[],
): Promise<string> {
  const [pod] = newestFirst(pods);
  if (pod === undefined) return 'it has no pods';
  const events = await eventsOf(kube, namespace, pod.metadata?.name ?? '');
  return whyNotReady(pod, events)?.reason ?? 'it is starting';
}

async function noPodsError(
  kube: Kube,
  name: EnvironmentName,
  target: Target,
  service: string,
): Promise<CoppiceError> {
  const seen = await observe(kube, name.namespace, 80);
  requireObserved(name, seen);
  const whole = environmentName(name.app, name.slug);
  return seen.stopped
    ? new CoppiceError('COPPICE_NO_ENVIRONMENT', `${whole} is stopped`, { hint: verbLine('start', target) })
    : new CoppiceError('COPPICE_NOT_READY', `${service} of ${whole} has no pods`, { hint: 'wt status' });
}

type Place = Pick<ExecRequest, 'namespace' | 'pod' | 'container'>;

function placeIn(pod: V1Pod, namespace: string, service: string): Place {
  return { namespace, pod: pod.metadata?.name ?? '', container: containerIn(pod, service) };
}

function containerIn({ spec }: V1Pod, service: string): string {
  const names = (spec?.containers ?? []).map(({ name }) => name);
  return names.includes(service) ? service : (names[0] ?? service);
}

/** What the killer looks for: every process that the command started has it too. */
const mark = 'COPPICE_EXEC';

/** `$0` is the mark's value, `$1` the signal. A process that has already ended is no failure. */
const endScript = `for folder in /proc/[0-9]*; do
  if grep -q "${mark}=$0" "$folder/environ" 2> /dev/null; then kill -"$1" "\${folder#/proc/}" 2> /dev/null; fi
done
true`;

/**
 * A command in a pod. Kubernetes leaves it running when the connection ends, so a signal is sent by a second command
 * that finds the first by a variable.
 */
class RemoteCommand {
  readonly #kube: Kube;
  readonly #place: Place;
  readonly #command: readonly string[];
  readonly #service: string;
  readonly #value = randomBytes(8).toString('hex');

  constructor(kube: Kube, place: Place, command: readonly string[], service: string) {
    this.#kube = kube;
    this.#place = place;
    this.#command = command;
    this.#service = service;
  }

  async run({ streams, interrupts, screen }: Ports & { readonly streams: TerminalStreams }): Promise<number> {
    const abort = new AbortController();
    const relay = new SignalRelay('all');
    const forget = interrupts.handle(() => {});
    let signalled: NodeJS.Signals | undefined;
    relay.to((signal) => {
      // The second one does not wait for the program.
      if (signalled !== undefined) return abort.abort();
      signalled = signal;
      this.#end(signal).catch(() => {
        screen.note('the program may still run in the pod: its image has no shell to end it with');
        abort.abort();
      });
    });
    try {
      return await this.#marked(streams, abort.signal);
    } catch (error) {
      if (signalled !== undefined && hasCode(error, 'COPPICE_INTERRUPTED'))
        return exitCodeOfSignal(signalled);
      throw error;
    } finally {
      relay.stop();
      forget();
    }
  }

  async #marked(streams: TerminalStreams, signal: AbortSignal): Promise<number> {
    const prefix = (await this.#hasEnv()) ? ['env', `${mark}=${this.#value}`] : [];
    const command = [...prefix, ...this.#command];
    try {
      return await withTerminal(streams, (all) => this.#exec({ ...all, command, signal }));
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Tried first: a command that cannot start takes the input with it. */
  async #hasEnv(): Promise<boolean> {
    try {
      return (await this.#quietly(['env', 'true'])) === 0;
    } catch (error) {
      if (isMissing(error, 'env')) return false;
      throw error;
    }
  }

  #quietly(command: readonly string[]): Promise<number> {
    return this.#exec({ command, stdout: new PassThrough().resume(), stderr: new PassThrough().resume() });
  }

  #exec(request: Omit<ExecRequest, keyof Place>): Promise<number> {
    return execInPod(this.#kube, { ...this.#place, ...request });
  }

  #explained(error: unknown): unknown {
    const [program = ''] = this.#command;
    if (!isMissing(error, program)) return error;
    const what = this.#command === shell ? 'no shell' : `no program ${program}`;
    return new CoppiceError('COPPICE_NO_PROGRAM', `the image of ${this.#service} has ${what}`, {
      exitCode: 127,
      cause: error,
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    await this.#quietly(['/bin/sh', '-c', endScript, this.#value, signal.slice('SIG'.length)]);
  }
}

/** What the container runtime says of a program that is not in the image. */
function isMissing(error: unknown, program: string): boolean {
  return (
    hasCode(error, 'COPPICE_EXEC') &&
    /executable file not found|no such file or directory/.test((error as Error).message) &&
    (error as Error).message.includes(program)
  );
}
