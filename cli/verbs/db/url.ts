import type { DatabaseUrl } from '../../../app/databases/url.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { flag, type Result, type VerbPorts, verb } from '../../define.ts';
import { targetOf, targetOptions } from '../target.ts';

/** The URL contains the password: it goes to standard output and nowhere else. */
export const url = verb({
  usage: 'url',
  summary: 'the URL of the database, for programs on this machine',
  about: "Prints a URL on 127.0.0.1 with the environment's login. It contains the password. Changes nothing.",
  examples: [
    ['psql "$(wt db url)"', 'any program that takes a URL'],
    ['wt db url --cluster', "the URL that the environment's pods use"],
  ],
  options: {
    cluster: flag('the URL that works in the cluster'),
    forward: flag('where no port is published: hold one open until Ctrl+C'),
    ...targetOptions,
  },
  run: async (_, { cluster, forward, ...named }, ports) => {
    const { withDatabaseUrl } = await import('../../../app/databases/url.ts');
    return withDatabaseUrl(targetOf(named), { cluster }, ports, async ({ url, forwardedPort }) => {
      if (forwardedPort === undefined) return urlReport(url);
      if (!forward) throw notPublishedError();
      return hold({ url, forwardedPort }, ports);
    });
  },
});

/** @internal Exported for its test, which reads the text without a server. */
export function urlReport(url: string): Result {
  return { text: url, json: { url } };
}

function notPublishedError(): CoppiceError {
  return new CoppiceError('COPPICE_NOT_PUBLISHED', 'this cluster publishes no port for its databases', {
    hint: 'wt db psql works anyway; wt db url --forward holds a port open until Ctrl+C',
  });
}

/** Prints the URL at once and keeps it alive until Ctrl+C. */
async function hold({ url, forwardedPort }: Required<DatabaseUrl>, ports: VerbPorts): Promise<Result> {
  ports.out(ports.json ? `${JSON.stringify({ url })}\n` : `${url}\n`);
  ports.screen.note(`port ${forwardedPort} stays open until Ctrl+C`);
  await new Promise<void>((resolve) => {
    // A signal alone does not keep the process alive; the open port does.
    ports.interrupts.handle(resolve);
  });
  return { text: '', json: undefined };
}
