import { didYouMean, nearest } from './suggest.ts';

/** A reference as it stands in a value, for example `${services.api.url}` with the name `services.api.url`. */
export interface Reference {
  readonly text: string;
  readonly name: string;
}

/** What a service says about itself to others. */
export interface ServiceAddress {
  readonly name: string;
  /** Absent for a service that listens on nothing. */
  readonly port?: number | undefined;
  /** URL through the route; absent exactly when `port` is. */
  readonly publicUrl?: string | undefined;
}

export interface EnvironmentFacts {
  readonly slug: string;
  readonly name: string;
  readonly namespace: string;
  readonly branch: string;
}

/** The keys of the Secret that tells an environment's pods where their PostgreSQL database is. */
export const databaseKeys = ['url', 'host', 'port', 'name', 'user', 'password'] as const;
export type DatabaseKey = (typeof databaseKeys)[number];

/** What a spec says about its database, as far as references go. */
export type ReferredDatabase =
  | { readonly engine: 'postgres' }
  /** Path of the file in a pod. */
  | { readonly engine: 'sqlite'; readonly file: string };

const token = /\$\$\{|\$\{([^}]*)\}|\$\{/g;

/** Every reference in a value, in order. `$${` is a literal `${`. A `${` that is never closed has no name. */
export function referencesIn(value: string): Reference[] {
  return [...value.matchAll(token)]
    .filter(([text]) => text !== '$${')
    .map(([text, name]) => ({ text, name: name?.trim() ?? '' }));
}

/**
 * Everything that may be referred to. Constants all of them, known before anything runs, so two services may well refer
 * to each other. `url` has the service's short name: it holds inside the environment's namespace, and it is the first
 * that the pod's resolver asks for, where the full name would cost several failing look-ups (ndots:5).
 */
export function referenceTable(
  services: readonly ServiceAddress[],
  environment: EnvironmentFacts,
  database?: ReferredDatabase,
): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const { name, port, publicUrl } of services) {
    if (port === undefined) continue;
    table.set(`services.${name}.url`, `http://${name}:${port}`);
    table.set(`services.${name}.publicUrl`, publicUrl ?? '');
    table.set(`services.${name}.host`, name);
    table.set(`services.${name}.port`, String(port));
  }
  for (const [fact, value] of Object.entries(environment)) table.set(`environment.${fact}`, value);
  if (database?.engine === 'sqlite') table.set('database.file', database.file);
  if (database?.engine === 'postgres') for (const key of databaseKeys) table.set(`database.${key}`, '');
  return table;
}

/** Whether a value holds something of the database that only the cluster knows. */
export function refersToDatabase(value: string): boolean {
  return referencesIn(value).some(({ name }) => databaseKey(name) !== undefined);
}

/** The value with every reference replaced. Unknown ones stay as they are: the rules have refused them before. */
export function resolveReferences(value: string, table: ReadonlyMap<string, string>): string {
  return value.replaceAll(token, (text: string, name: string | undefined) =>
    text === '$${' ? '${' : (table.get(name?.trim() ?? '') ?? text),
  );
}

/** The same, but what only the cluster knows stays a reference, and all other text can be told from one. */
export function resolveAroundDatabase(value: string, table: ReadonlyMap<string, string>): string {
  return value.replaceAll(token, (text: string, name: string | undefined) => {
    const key = databaseKey(name?.trim() ?? '');
    if (key !== undefined) return `\${database.${key}}`;
    return text === '$${' ? text : (table.get(name?.trim() ?? '')?.replaceAll('${', () => '$${') ?? text);
  });
}

/** A value of {@link resolveAroundDatabase}: plain text, and keys of the Secret in between. */
export function partsOf(value: string): ({ readonly text: string } | { readonly key: DatabaseKey })[] {
  const parts: ({ text: string } | { key: DatabaseKey })[] = [];
  let from = 0;
  for (const match of value.matchAll(token)) {
    const key = databaseKey(match[1]?.trim() ?? '');
    const before = value.slice(from, match.index) + (key === undefined ? match[0].replace('$${', '${') : '');
    from = match.index + match[0].length;
    if (before !== '') parts.push({ text: before });
    if (key !== undefined) parts.push({ key });
  }
  return from < value.length ? [...parts, { text: value.slice(from) }] : parts;
}

function databaseKey(name: string): DatabaseKey | undefined {
  return databaseKeys.find((key) => name === `database.${key}`);
}

/** Why a reference cannot be resolved and what to write instead; undefined when it can. */
export function referenceProblem(
  reference: Reference,
  table: ReadonlyMap<string, string>,
  services: readonly string[],
): { readonly message: string; readonly hint: string } | undefined {
  const { name, text } = reference;
  if (table.has(name)) return undefined;
  const [section = '', service = '', field] = name.split('.');
  if (name === '') return { message: `${text} does not end or is empty`, hint: 'write $${ for a literal ${' };
  if (section === 'database') {
    const fields = fieldsOf('database.', table);
    if (fields.length > 0)
      return { message: `${text} is not known`, hint: didYouMean(service, fields, 'known of database') };
    return { message: `${text}: there is no database`, hint: 'write database: {} for an empty one' };
  }
  if (section === 'temporal') {
    return {
      message: `${text}: ${section} is not supported by this version of Coppice`,
      hint: 'it comes with a later version: remove it until then',
    };
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

function fieldsOf(prefix: string, table: ReadonlyMap<string, string>): string[] {
  return [...table.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}
