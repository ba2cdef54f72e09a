import { sha256 } from './hash.ts';

/**
 * Every name that is derived from an app, a service or a branch, in one place.
 *
 * The lengths fit together so that nothing ever has to be cut a second time: a DNS label and a Kubernetes namespace
 * hold 63 characters (RFC 1035 2.3.4, RFC 1123 2.1), and `wt-` + 20 + `--` + 38 is 63.
 */
export const longestName = 20;
export const longestSlug = 38;
const hashLength = 8;

/**
 * Apps and services: `shop`, `web2`, `order-worker`. A letter first, as a Kubernetes Service (RFC 1035) and an
 * environment variable require; never two dashes in a row, because `--` joins the parts of a name.
 */
export const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** `feat-login`, `123`, `3f2a9c1b`: like a name, but a digit may come first, as in branches named after tickets. */
const slugPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** `coppice` is the platform's own project and namespace; `localhost` would never leave the pod (/etc/hosts). */
export const reservedNames: readonly string[] = ['coppice', 'localhost'];

export function isName(text: string): boolean {
  return text.length <= longestName && namePattern.test(text) && !reservedNames.includes(text);
}

export function isSlug(text: string): boolean {
  return text.length <= longestSlug && slugPattern.test(text);
}

/**
 * The slug of a branch, or of the folder of a worktree whose HEAD is detached: lower case, every other character a
 * dash, no runs of dashes, none at the ends. `team/FIB-123-new` is `team-fib-123-new`.
 *
 * Only a name that is too long, or has no valid character, gets a hash: then two of them still differ, and all others
 * stay readable. Not injective (`feat/a` and `feat-a`): the owner of the namespace decides who came first.
 */
export function slugOf(branch: string): string {
  // The same letter in two encodings (a Mac's file system decomposes them) must not yield two environments.
  const name = branch.normalize('NFC');
  const clean = dashed(name.toLowerCase());
  if (clean !== '' && clean.length <= longestSlug) return clean;
  const hash = sha256(name, hashLength);
  const head = dashed(clean.slice(0, longestSlug - hashLength - 1));
  return head === '' ? hash : `${head}-${hash}`;
}

/**
 * A valid name close to the given text, for "did you mean": `Web_App` yields `web-app`; undefined when there is none.
 */
export function nameNear(text: string): string | undefined {
  const near = dashed(
    dashed(text.toLowerCase())
      .replace(/^[0-9-]+/, '')
      .slice(0, longestName),
  );
  return isName(near) ? near : undefined;
}

/** Kubernetes and Temporal namespace: `wt-shop--feat-login`. `wt-` distinguishes ours from all others. */
export function namespaceName(app: string, slug: string): string {
  return `wt-${app}--${slug}`;
}

/** App and slug of {@link namespaceName}; undefined for namespaces that are not ours. */
export function environmentOf(
  namespace: string,
): { readonly app: string; readonly slug: string } | undefined {
  const [, app, slug] = /^wt-(.+?)--(.+)$/.exec(namespace) ?? [];
  return app === undefined || slug === undefined ? undefined : { app, slug };
}

/** Database and login role in PostgreSQL: `wt_shop__feat_login`. A dash would have to be quoted everywhere. */
export function databaseName(app: string, slug: string): string {
  return underscored(`wt_${app}__${slug}`);
}

/**
 * Role without login that owns every object in an app's databases: `shop_owner`. PostgreSQL keeps names that begin with
 * `pg_` for itself, so that of an app `pg` is `owner_of_pg`: no other app's role can have that name, as all end alike.
 */
export function ownerRoleName(app: string): string {
  const name = underscored(`${app}_owner`);
  return name.startsWith('pg_') ? underscored(`owner_of_${app}`) : name;
}

/** The name of an environment for people: `shop/feat-login`. Neither part can contain a slash. */
export function environmentName(app: string, slug: string): string {
  return `${app}/${slug}`;
}

/** Names under `.localhost` are the machine itself (RFC 6761 6.3): no DNS, no hosts file. */
const defaultHostPattern = '{slug}.{app}.localhost';

/** Host of the UI of the platform's Temporal server. */
export const temporalHost = 'temporal.localhost';

/** Hosts of the UIs of telemetry. */
export const telemetryHosts = {
  logs: 'logs.localhost',
  metrics: 'prometheus.localhost',
  traces: 'jaeger.localhost',
} as const;

export const grafanaHost = 'grafana.localhost';

/** Hosts that belong to the platform: an app whose pattern is `{slug}.localhost` could have a branch of that name. */
export const platformHosts: readonly string[] = [
  'coppice.localhost',
  grafanaHost,
  ...Object.values(telemetryHosts),
  temporalHost,
];

/** Host of the primary service: `feat-login.shop.localhost`. */
export function primaryHost(app: string, slug: string, pattern: string = defaultHostPattern): string {
  return pattern.replaceAll('{slug}', slug).replaceAll('{app}', app);
}

/**
 * Host of any other service, with one more label, so that one wildcard covers them: `api.feat-login.shop.localhost`.
 */
export function serviceHost(service: string, app: string, slug: string, pattern?: string): string {
  return `${service}.${primaryHost(app, slug, pattern)}`;
}

/**
 * What is wrong with a `host:` pattern, or undefined. Checked with the longest slug, app and service, so that no branch
 * can make it invalid later. `local` patterns must end in `.localhost`: only these are certain to be this machine.
 */
export function hostPatternProblem(pattern: string, local: boolean): string | undefined {
  const unknown = /\{(?!slug\}|app\})[^}]*\}?/.exec(pattern);
  if (unknown) return `knows {slug} and {app}, not ${unknown[0]}`;
  if (!pattern.includes('{slug}')) return 'must contain {slug}, or all environments would share one host';
  if (local && !pattern.endsWith('.localhost')) return 'must end in .localhost, which is always this machine';
  const longest = serviceHost(
    'x'.repeat(longestName),
    'x'.repeat(longestName),
    'x'.repeat(longestSlug),
    pattern,
  );
  const label = longest.split('.').find((part) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
  if (label !== undefined) {
    return 'must be lower-case letters, digits and dashes between single dots';
  }
  if (longest.length > 253 || longest.split('.').some((part) => part.length > 63)) {
    return `is too long: with a slug of ${longestSlug} characters a part may hold 63 and the whole 253`;
  }
  return undefined;
}

function dashed(text: string): string {
  return text.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

function underscored(text: string): string {
  return text.replaceAll('-', '_');
}
