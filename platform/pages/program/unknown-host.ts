import { environmentsOf, isLocalHost, type Listed, nearestHosts, urlOf } from './environments.ts';
import { match } from './match.ts';
import type { Command, Page } from './page.ts';
import type { View } from './view.ts';

export interface Gateway {
  /** Port of the routes on this machine; absent where others reach the gateway too: they learn no names. */
  readonly port?: number;
}

const commands: readonly Command[] = [
  { line: 'wt up', why: 'in the worktree of the branch: brings its environment up' },
  { line: 'wt status', why: 'in a worktree: its environment and its URLs' },
];

/** `http://localhost/` is what there is; every other host has no environment. */
export function unknownHostPage(
  { port }: Gateway,
  view: Pick<View, 'routes' | 'services'>,
  host: string,
  path: string,
): Page {
  const routes = [...view.routes.values()].filter(({ hosts }) => !hosts.includes(host));
  const shown = port !== undefined && isLocalHost(host);
  const environments = shown ? environmentsOf(routes, port) : [];
  if (shown && host === 'localhost' && path === '/') return overview(environments);
  const near = shown ? nearestHosts(host, routes).map((known) => ({ url: urlOf(known, port) })) : [];
  const message = messageFor(view, host, path);
  const [first] = near;
  const hint = first ? `did you mean ${first.url}?` : 'run `wt up` in the worktree of the branch';
  return {
    kind: 'unknown-host',
    status: 404,
    title: message,
    facts: [],
    commands,
    lists: [
      { title: 'Did you mean', items: near },
      { title: 'Environments', items: environments },
    ].filter(({ items }) => items.length > 0),
    json: {
      error: { code: 'COPPICE_NO_ENVIRONMENT', message, hint },
      host,
      ...(shown ? { nearest: near.map(({ url }) => url), environments } : {}),
    },
  };
}

function messageFor(view: Pick<View, 'routes' | 'services'>, host: string, path: string): string {
  if (host === '') return 'no environment: the request names no host';
  const owner = [...view.routes.values()].find(({ hosts }) => hosts.includes(host));
  if (owner && !match(view, host, path))
    return `${owner.environment ?? 'the platform'} has no service at ${path}`;
  return `no environment has the host ${host}`;
}

function overview(environments: readonly Listed[]): Page {
  const some = environments.length > 0;
  return {
    kind: 'overview',
    status: 200,
    title: some ? 'Coppice on this machine' : 'Coppice on this machine: no environment is up',
    facts: [],
    commands: commands.slice(0, some ? 2 : 1),
    lists: some ? [{ title: 'Environments', items: environments }] : [],
    json: { environments },
  };
}
