import type { Inside, Listener } from '../../cluster/kube/inside.ts';
import type { PodFacts } from './facts.ts';
import { portOf } from './runs.ts';

export interface NotListening {
  readonly reason: string;
  /** It will not change by itself. */
  readonly certain: boolean;
}

/** Milliseconds in which a program opens its ports, one after the other. */
const SETTLE_MS = 3_000;
/**
 * A program that only listens elsewhere is taken to have finished its start after an eighth of the time that its
 * service has, and after at least these milliseconds: its metrics or its debugger may be open long before.
 */
const ELSEWHERE_MS = 8_000;
const elsewhereShare = 1 / 8;
/** Milliseconds for a program to come back below a watcher or a supervisor of its own. */
const COMEBACK_MS = 10_000;

/** Ports that are open long before a server is, of debuggers, live reload and metrics, with whose they are. */
const sidePorts: ReadonlySet<number> = new Set([
  ...[9229, 9230], // node
  ...[5005, 8787], // the JVM's debugger, and WildFly's
  ...[5678, 1234], // debugpy, ruby-debug
  ...[2345, 40000], // delve
  ...[24678, 35729], // Vite, LiveReload
  ...[9464, 8888], // OpenTelemetry: an app's metrics, a collector's own
  4369, // Erlang's port mapper
]);

/**
 * Why nothing reaches a pod's port, from the sockets in it; undefined when something listens there, or when nobody
 * could look. `answered`: it was ready before. `timeoutSeconds`: what the service has to become ready.
 */
export function whyNotListening(
  { pod, inside }: PodFacts,
  answered: boolean,
  timeoutSeconds: number,
): NotListening | undefined {
  const port = portOf(pod);
  if (port === undefined || inside === undefined) return undefined;
  const mine = inside.listeners.filter((listener) => listener.port === port);
  if (mine.some(({ address }) => !isLoopback(address))) return undefined;
  const since = youngest(inside);
  const [local] = mine;
  if (local) {
    const reason = `listens on ${shown(local)} only, where nothing outside of its pod reaches it; let it listen on 0.0.0.0`;
    return { reason, certain: since >= SETTLE_MS };
  }
  const others = inside.listeners.filter((listener) => !sidePorts.has(listener.port));
  if (others.length > 0) {
    const ports = [...new Set(others.map((listener) => listener.port))].sort((one, other) => one - other);
    const reason = `listens on port ${ports.join(' and ')}, and coppice.yaml says port ${port}`;
    // What listens for its own machine only may be a helper: a build's daemon, a compiler.
    const serves = others.some(({ address }) => !isLoopback(address));
    const share = timeoutSeconds * 1000 * (serves ? elsewhereShare : 2 * elsewhereShare);
    return { reason, certain: since >= Math.max(ELSEWHERE_MS, share) };
  }
  if (answered) return { reason: `no longer listens on port ${port}`, certain: since >= COMEBACK_MS };
  return { reason: `does not listen on port ${port} yet`, certain: false };
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function shown({ address, port }: Listener): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function youngest({ processes }: Inside): number {
  return Math.min(...processes.map(({ age }) => age), Number.MAX_SAFE_INTEGER);
}
