import { distance } from 'fastest-levenshtein';
import type { Route } from './objects.ts';

/** An environment that has a URL. */
export interface Listed {
  /** `shop/feat-b` */
  readonly name: string;
  readonly url: string;
}

/** Ports other than 80 are part of a URL. */
export function urlOf(host: string, port: number): string {
  return `http://${host}${port === 80 ? '' : `:${port}`}/`;
}

/** Every environment with the URL of its primary service, by name. */
export function environmentsOf(routes: Iterable<Route>, port: number): Listed[] {
  const hosts = new Map<string, string>();
  for (const { environment, hosts: own } of routes) {
    for (const host of own) {
      if (environment === undefined) continue;
      const before = hosts.get(environment);
      if (before === undefined || isShorter(host, before)) hosts.set(environment, host);
    }
  }
  return [...hosts]
    .map(([name, host]) => ({ name, url: urlOf(host, port) }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** The primary service's host has one label less than all others. */
function isShorter(host: string, other: string): boolean {
  const labels = (text: string) => text.split('.').length;
  return labels(host) - labels(other) < 0 || (labels(host) === labels(other) && host.length < other.length);
}

/** At most three hosts that differ from the given one in a third of its letters at most, the closest first. */
export function nearestHosts(host: string, routes: Iterable<Route>): string[] {
  const hosts = [...new Set([...routes].flatMap((route) => route.hosts))];
  const allowed = Math.max(2, Math.floor(host.length / 3));
  return hosts
    .map((known) => ({ known, far: distance(host, known) }))
    .filter(({ far }) => far <= allowed)
    .sort((one, other) => one.far - other.far || one.known.localeCompare(other.known))
    .slice(0, 3)
    .map(({ known }) => known);
}

/**
 * Whether a request may see the names of environments: one by a name that is this machine by definition (RFC 6761 6.3)
 * or by its loopback address. By any other name it comes through a tunnel, or from a page whose DNS name was changed to
 * 127.0.0.1.
 */
export function isLocalHost(host: string): boolean {
  return /(^|\.)localhost$/.test(host) || /^127(\.\d+){3}$/.test(host) || host === '[::1]';
}
