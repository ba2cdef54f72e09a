import { connectCluster, reaching } from '../../../app/clusters/connection.ts';
import { type Address, addressOf } from '../../../app/databases/address.ts';
import { environmentLogin, urlAt } from '../../../app/databases/environment-login.ts';
import type { Command, Ports, Result } from '../../../app/ports.ts';
import { nameEnvironment } from '../../../app/target/target.ts';
import { CoppiceError } from '../../../core/errors.ts';
import type { Target } from '../../verb.ts';

export interface UrlArgs extends Target {
  readonly cluster: boolean;
  readonly forward: boolean;
}

/** The URL with the password in it is the result: it goes to standard output and nowhere else. */
export const url: Command<UrlArgs> = async (args, ports) => {
  const name = await nameEnvironment(args, ports.cwd);
  const connection = await connectCluster();
  return reaching(connection.record, async () => {
    const login = await environmentLogin(connection.kube, name);
    if (args.cluster) return result(login.url);
    const address = await addressOf(connection, login.host, ports.env);
    try {
      const here = urlAt(login, address);
      if (address.kind !== 'forwarded') return result(here);
      if (!args.forward) throw onlyForwarded();
      return await hold(here, address, ports);
    } finally {
      await address.close();
    }
  });
};

function result(url: string): Result {
  return { text: url, json: { url } };
}

function onlyForwarded(): CoppiceError {
  return new CoppiceError('COPPICE_NOT_PUBLISHED', 'this cluster publishes no port of its databases', {
    hint: 'wt db psql works all the same; wt db url --forward holds a port open until Ctrl+C',
  });
}

/** Prints the URL at once and keeps it alive until Ctrl+C. */
async function hold(url: string, { port }: Address, ports: Ports): Promise<Result> {
  ports.out(ports.json ? `${JSON.stringify({ url })}\n` : `${url}\n`);
  ports.screen.note(`port ${port} stays open until Ctrl+C`);
  await new Promise<void>((resolve) => {
    // A signal alone does not keep the process: the open port does.
    ports.interrupts.handle(resolve);
  });
  return { text: '', json: undefined };
}
