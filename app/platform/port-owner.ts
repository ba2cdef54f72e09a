import { listenersNow, ownerOf, takers } from '../../cluster/drivers/embedded/listeners.ts';

/** The process on Traefik's port, `node (pid 812)`; undefined when the port is free. Works on Linux only. */
export function portOwner(port: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const [taker] = takers(listenersNow('tcp'), '127.0.0.1', port);
  return taker && ownerOf(taker);
}
