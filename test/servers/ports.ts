import { createServer } from 'node:net';

/** Below the range that the kernel takes for outgoing connections. */
const first = 20_000;
const last = 32_000;

/** What is not in use yet may be waiting for its server. */
const given = new Set<number>();

/**
 * A free port of 127.0.0.1 for a server that is killed and started again. It is none that an outgoing connection may be
 * given: in between, a client that tries to reach the server would take it, or even connect to itself.
 */
export async function freePort(): Promise<number> {
  for (let port = first + (process.pid % 9_000); port < last; port += 1) {
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port below ${last}`);
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
