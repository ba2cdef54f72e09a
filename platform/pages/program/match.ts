import type { Route, Service, ServicePort } from './objects.ts';
import { serviceKey, type View } from './view.ts';

/** Whose answer a request should have got. */
export interface Matched {
  readonly route: Route;
  readonly service: Service;
  readonly port: ServicePort;
}

/** `Main.Shop.localhost.:8080` is `main.shop.localhost`. */
export function hostOf(header: string | undefined): string {
  const text = (header ?? '').trim().toLowerCase();
  return text.replace(/:\d*$/, '').replace(/\.$/, '');
}

/** As the gateway matches: the exact host, then the longest of the paths. */
export function match(
  view: Pick<View, 'routes' | 'services'>,
  host: string,
  url: string,
): Matched | undefined {
  const path = url.replace(/[?#].*$/, '');
  const candidates = [...view.routes.values()]
    .filter(({ hosts }) => hosts.includes(host))
    .flatMap((route) => route.rules.flatMap((rule) => rule.paths.map((prefix) => ({ route, rule, prefix }))))
    .filter(({ prefix }) => isBelow(path, prefix))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  for (const { route, rule } of candidates) {
    const service = view.services.get(serviceKey(route.namespace, rule.service));
    const port = service?.ports.find(({ port }) => port === rule.port);
    if (service && port) return { route, service, port };
  }
  return undefined;
}

function isBelow(path: string, prefix: string): boolean {
  const parent = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return path === prefix || path.startsWith(parent);
}
