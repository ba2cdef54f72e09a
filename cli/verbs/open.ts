import { connectCluster, reaching } from '../../app/clusters/connection.ts';
import { routesOf } from '../../app/environments/routes.ts';
import { requireService } from '../../app/environments/service-name.ts';
import type { Command, Ports } from '../../app/ports.ts';
import type { Target } from '../../app/target/target.ts';
import { nameEnvironment } from '../../app/target/target.ts';
import { CoppiceError } from '../../core/errors.ts';

export interface OpenArgs extends Target {
  readonly service?: string;
}

export const open: Command<OpenArgs> = async (args, ports) => {
  const name = await nameEnvironment(args, ports.cwd);
  const { kube, record } = await connectCluster();
  const url = await reaching(record, async () => {
    await requireService(kube, name, args.service);
    const urls = await routesOf(kube, name.namespace, record.http.port);
    return urls.find(({ service }) => args.service === undefined || service === args.service)?.url;
  });
  if (url === undefined) {
    const what = args.service ?? `${name.app}/${name.slug}`;
    throw new CoppiceError('COPPICE_NO_ROUTE', `${what} has no URL: no \`port:\` in coppice.yaml`, {
      hint: 'wt status',
    });
  }
  const opened = hasDesktop(ports);
  if (opened) await (await import('open')).default(url);
  return { text: url, json: { url, opened } };
};

function hasDesktop({ env, terminal }: Ports): boolean {
  if (!terminal.output) return false;
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
