import { listenersNow, ownerOf, takers } from '../../cluster/drivers/embedded/listeners.ts';

/** Who listens where Traefik wants to, `node (pid 812)`; undefined when the port is free. Only Linux can say. */
export function portTaker(port: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const [taker] = takers(listenersNow('tcp'), '127.0.0.1', port);
  return taker && ownerOf(taker);
}
