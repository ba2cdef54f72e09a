import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { basename } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { paths } from '../../core/paths.ts';

/** A cluster in a kubeconfig. */
interface Address {
  readonly kubeconfig: string;
  readonly context: string;
}

/** Context of the embedded cluster in its kubeconfig. */
export const embeddedContext = 'coppice';

/**
 * Refuses to ask an embedded cluster whose address is not on this machine. Its bridge goes when the cluster stops, and
 * requests to it would then leave this machine by the default route, to whatever answers there. A kubeconfig that
 * cannot be read is reported by whoever connects. Throws COPPICE_CLUSTER_DOWN (exit code 3).
 */
export function requireHere({ kubeconfig, context }: Address): void {
  // A user's own context may have that name, in a file of another name.
  if (context !== embeddedContext || basename(kubeconfig) !== basename(paths().kubeconfig)) return;
  const address = serverAddress(kubeconfig);
  const table = localAddresses();
  if (address === undefined || table === undefined || table.includes(address)) return;
  const sudo = process.geteuid?.() === 0 ? '' : 'sudo ';
  throw new CoppiceError(
    'COPPICE_CLUSTER_DOWN',
    `the cluster is stopped: its address ${address} is not on this machine`,
    { hint: `${sudo}wt cluster start` },
  );
}

/** Undefined when the file cannot be read, or names no IPv4 address. */
function serverAddress(kubeconfig: string): string | undefined {
  try {
    // JSON, or the YAML that we wrote once: nothing else in it has a server.
    const [, server = ''] = /"?\bserver"?: *"?(https:[^\s"]+)/.exec(readFileSync(kubeconfig, 'utf8')) ?? [];
    const host = URL.canParse(server) ? new URL(server).hostname : undefined;
    return host !== undefined && isIPv4(host) ? host : undefined;
  } catch {
    return undefined;
  }
}

/** From /proc: Node leaves out a bridge to which no pod is connected. Undefined where there is no such table. */
function localAddresses(): string[] | undefined {
  try {
    return addressesIn(readFileSync('/proc/self/net/fib_trie', 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The machine's own addresses in the kernel's table of routes.
 *
 * @internal Exported for its test, which passes a recorded table.
 */
export function addressesIn(table: string): string[] {
  const own = table.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g);
  return [...new Set([...own].flatMap(([, address]) => address ?? []))];
}
