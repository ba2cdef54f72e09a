import type { ForwardedService } from '../../app/environments/forward.ts';
import { CoppiceError } from '../../core/errors.ts';
import { type Result, type VerbPorts, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

export const forward = verb({
  usage: 'forward <service> [port]',
  summary: 'a port of this machine for a service',
  about:
    "Makes a service answer on 127.0.0.1 until Ctrl+C, also one with `protocol: tcp` that has no URL. Takes the service's own port if it is free here, or else any free one; prints the address.",
  examples: [
    ['wt forward cache', 'redis-cli -p PORT reaches this cache'],
    ['wt forward cache 6380 --env feat-b', 'the cache of another environment, at this port'],
  ],
  options: targetOptions,
  run: async ([service, port], named, ports) => {
    const here = port === undefined ? undefined : portOf(port);
    const { withForwarded } = await import('../../app/environments/forward.ts');
    const request = { target: targetOf(named), service, here };
    return withForwarded(request, ports, (forwarded) => hold(forwarded, ports));
  },
});

/** @internal Its test needs no cluster. */
export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new CoppiceError('COPPICE_USAGE', `${text} is not a port: a number from 1 to 65535`, {
    hint: 'wt forward cache 6380',
  });
}

/** Prints the address at once and keeps it alive until Ctrl+C. */
async function hold(forwarded: ForwardedService, ports: VerbPorts): Promise<Result> {
  const { service, host, port } = forwarded;
  ports.out(ports.json ? `${JSON.stringify(forwarded)}\n` : `${host}:${port}\n`);
  ports.screen.note(`${service} answers there until Ctrl+C`);
  await new Promise<void>((resolve) => {
    // A signal alone does not keep the process alive; the open port does.
    ports.interrupts.handle(resolve);
  });
  return { text: '', json: undefined };
}
