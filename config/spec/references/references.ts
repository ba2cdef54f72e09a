import { didYouMean, nearest } from '../../../core/suggest.ts';
import type { Protocol } from '../protocol.ts';
import { secretKeys, type TemporalKey } from './secrets.ts';

/** A reference in a value, for example `${services.api.url}` with the name `services.api.url`. */
export interface Reference {
  readonly text: string;
  readonly name: string;
}

/** What other services may know about a service. */
export interface ServiceAddress {
  readonly name: string;
  /** Absent for a service that listens on nothing. */
  readonly port?: number | undefined;
  /** HTTP when absent. */
  readonly protocol?: Protocol | undefined;
  /** URL through the route; absent when `port` is, and for `tcp`. */
  readonly publicUrl?: string | undefined;
}

export interface EnvironmentFacts {
  readonly slug: string;
  readonly name: string;
  readonly namespace: string;
  readonly branch: string;
}

/** A spec's database, as far as references go. */
export type ReferredDatabase =
  | { readonly engine: 'postgres' }
  /** Path of the file in a pod. */
  | { readonly engine: 'sqlite'; readonly file: string };

/** A spec's Temporal namespace, as far as references go. */
export type ReferredTemporal =
  | { readonly server: 'platform'; readonly address: string; readonly namespace: string }
  | { readonly server: 'managed' };

/** What can be referred to besides the services. */
export interface Referred {
  readonly database?: ReferredDatabase | undefined;
  readonly temporal?: ReferredTemporal | undefined;
}

/** Everything that may be referred to, by name. Undefined is what only the cluster knows: it is in a Secret. */
export type References = ReadonlyMap<string, string | undefined>;

/** A reference, an escape `$${`, or a `${` without an end. */
export const referenceToken = /\$\$\{|\$\{([^}]*)\}|\$\{/g;

/** Every reference in a value, in order. `$${` is a literal `${`. A `${` that is never closed has no name. */
export function referencesIn(value: string): Reference[] {
  return [...value.matchAll(referenceToken)]
    .filter(([text]) => text !== '$${')
    .map(([text, name]) => ({ text, name: name?.trim() ?? '' }));
}

/**
 * Everything that may be referred to. Nearly all are constants, known before anything runs, so two services may refer
 * to each other. `url` contains the service's short name: it is valid inside the environment's namespace, and it is the
 * first that the pod's resolver tries, while the full name would cost several failing lookups (ndots:5).
 */
export function referenceTable(
  services: readonly ServiceAddress[],
  environment: EnvironmentFacts,
  { database, temporal }: Referred = {},
): References {
  const table = new Map<string, string | undefined>();
  for (const { name, port, protocol, publicUrl } of services) {
    if (port === undefined) continue;
    if (protocol !== 'tcp') {
      table.set(`services.${name}.url`, `http://${name}:${port}`);
      table.set(`services.${name}.publicUrl`, publicUrl ?? '');
    }
    table.set(`services.${name}.host`, name);
    table.set(`services.${name}.port`, String(port));
  }
  for (const [fact, value] of Object.entries(environment)) table.set(`environment.${fact}`, value);
  if (database?.engine === 'sqlite') table.set('database.file', database.file);
  if (database?.engine === 'postgres')
    for (const key of secretKeys.database) table.set(`database.${key}`, undefined);
  if (temporal?.server === 'platform') {
    // Plaintext without a key: the platform's server uses neither keys nor TLS.
    const { address, namespace } = temporal;
    for (const [key, value] of Object.entries({ address, namespace, tls: 'false' }))
      table.set(`temporal.${key}`, value);
  }
  if (temporal?.server === 'managed')
    for (const key of secretKeys.temporal) table.set(`temporal.${key}`, undefined);
  return table;
}

/** Whether a value refers to anything in a section such as `temporal`. */
export function refersTo(section: 'database' | 'temporal', value: string): boolean {
  return referencesIn(value).some(({ name }) => name.startsWith(`${section}.`));
}

/** The value with every reference replaced. Unknown ones stay: the rules have refused them before. */
export function resolveReferences(value: string, table: References): string {
  return value.replaceAll(referenceToken, (text: string, name: string | undefined) =>
    text === '$${' ? '${' : (table.get(name?.trim() ?? '') ?? text),
  );
}

/** Why a reference cannot be resolved and what to write instead; undefined if it can. */
export function referenceProblem(
  reference: Reference,
  table: References,
  services: readonly string[],
): { readonly message: string; readonly hint: string } | undefined {
  const { name, text } = reference;
  if (table.has(name)) return undefined;
  const [section = '', service = '', field] = name.split('.');
  if (name === '')
    return { message: `${text} is not closed or is empty`, hint: 'write $${ for a literal ${' };
  if (section === 'database') {
    const fields = fieldsOf('database.', table);
    if (fields.length > 0)
      return { message: `${text} is not known`, hint: didYouMean(service, fields, 'known of database') };
    return { message: `${text}: there is no database`, hint: 'write database: {} for an empty one' };
  }
  if (section === 'temporal') {
    const fields = fieldsOf('temporal.', table);
    if (fields.length === 0) return { message: `${text}: there is no temporal`, hint: 'write temporal: {}' };
    if (secretKeys.temporal.includes(service as TemporalKey))
      return {
        message: `${text}: the platform's Temporal server has no keys and no TLS`,
        hint: 'remove it, or write server: managed under temporal',
      };
    return { message: `${text} is not known`, hint: didYouMean(service, fields, 'known of temporal') };
  }
  if (section === 'services' && service !== '' && !services.includes(service)) {
    return {
      message: `${text}: there is no service ${service}`,
      hint: didYouMean(service, services, 'services'),
    };
  }
  if (section === 'services' && service !== '') {
    const fields = fieldsOf(`services.${service}.`, table);
    if (fields.length === 0) {
      return {
        message: `${text}: ${service} has no port, so it has no address`,
        hint: `give services.${service} a port`,
      };
    }
    if (field === 'url' || field === 'publicUrl')
      return {
        message: `${text}: ${service} speaks tcp, so it has no URL`,
        hint: `write \${services.${service}.host}:\${services.${service}.port}, or protocol: http there`,
      };
    return { message: `${text} is not known`, hint: didYouMean(field ?? '', fields, `known of ${service}`) };
  }
  if (section === 'environment') {
    const fields = fieldsOf('environment.', table);
    return { message: `${text} is not known`, hint: didYouMean(service, fields, 'known of environment') };
  }
  const best = nearest(name, [...table.keys()]);
  const hint = best
    ? `did you mean "\${${best}}"?`
    : `for the text itself write $${text}; else \${services.NAME.url}`;
  return { message: `${text} is not known`, hint };
}

function fieldsOf(prefix: string, table: References): string[] {
  return [...table.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}
