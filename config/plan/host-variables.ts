import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { environmentName, namespaceName } from '../../core/names.ts';
import { protocolOf } from '../spec/protocol.ts';
import { type References, referencesIn, resolveReferences } from '../spec/references/references.ts';
import type { DatabaseKey, TemporalKey } from '../spec/references/secrets.ts';
import type { Spec } from '../spec/schema/spec.ts';
import { planRoutes, publicUrl } from './routes.ts';
import { type HostCollector, telemetryVariables } from './telemetry.ts';

/** An environment as a process on this machine reaches it. */
export interface HostPlace {
  readonly slug: string;
  readonly branch: string;
  readonly commit: string;
  /** Absolute path of the folder of coppice.yaml. */
  readonly specFolder: string;
  /** Port of all routes. */
  readonly httpPort: number;
  /** With the address that answers on this machine; absent without a PostgreSQL database. */
  readonly database?: Readonly<Record<DatabaseKey, string>>;
  readonly temporal?: Readonly<Record<TemporalKey, string>>;
  /** Where services without a URL answer on this machine, of those that the variables refer to. */
  readonly forwarded: Readonly<Record<string, Place>>;
  /** Where signals go; absent where nothing takes them. */
  readonly collector?: HostCollector;
  /** Ports of this machine that lead there only as long as this process holds them. */
  readonly held: readonly number[];
}

interface Place {
  readonly host: string;
  readonly port: number;
}

export interface HostVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** Names of those with a secret in them, sorted. */
  readonly secret: readonly string[];
  /** Names of those that lead nowhere once the process that asked for them has ended, sorted. */
  readonly passing: readonly string[];
  /** Why signals are not kept although coppice.yaml has telemetry. */
  readonly notCollected?: string;
}

/**
 * Variables for a process on this machine: the database, Temporal and telemetry of the environment, and the `env:` of a
 * service, if one is named, with references to what answers here. No PORT and no HOST: those of a pod mean nothing here.
 */
export function hostVariables(spec: Spec, service: string | undefined, place: HostPlace): HostVariables {
  const { slug, branch, commit, database, temporal } = place;
  const written = service === undefined ? {} : (spec.services[service]?.env ?? {});
  const references = hostReferences(spec, place);
  const own = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, resolveReferences(value, references)]),
  );
  const facts = {
    ...{ app: spec.name, slug, namespace: namespaceName(spec.name, slug), branch, commit },
    service: service ?? spec.name,
    ...defined({ collector: place.collector }),
  };
  const telemetry = telemetryVariables(facts, own);
  const variables = {
    ...(database && { DATABASE_URL: database.url }),
    ...temporalVariables(temporal),
    ...telemetry.defaults,
    ...own,
    ...telemetry.fixed,
  };
  const secrets = secretsIn(place);
  const ports = place.held.map((port) => new RegExp(`(^|\\D)${port}(\\D|$)`));
  return {
    variables,
    secret: namesWhere(variables, (value) => secrets.some((secret) => value.includes(secret))),
    passing: namesWhere(variables, (value) => ports.some((port) => port.test(value))),
  };
}

/** Names that Temporal's own programs and SDKs read: https://docs.temporal.io/develop/environment-configuration */
function temporalVariables(temporal: HostPlace['temporal']): Record<string, string> {
  if (temporal === undefined) return {};
  const { address, namespace, tls, apiKey, clientCert, clientKey, serverCa } = temporal;
  const all = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_TLS: tls === 'true' ? tls : '',
    TEMPORAL_API_KEY: apiKey,
    TEMPORAL_TLS_CLIENT_CERT_DATA: clientCert,
    TEMPORAL_TLS_CLIENT_KEY_DATA: clientKey,
    TEMPORAL_TLS_SERVER_CA_CERT_DATA: serverCa,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** As `referenceTable`, with what this machine reaches in the place of what pods reach. */
function hostReferences(spec: Spec, place: HostPlace): References {
  const { slug, branch, httpPort, specFolder, database, temporal, forwarded } = place;
  const table = new Map<string, string>();
  const routes = planRoutes(spec, { slug, httpPort });
  for (const name of Object.keys(spec.services)) {
    const url = publicUrl(name, routes);
    const at = url === undefined ? forwarded[name] : placeIn(url);
    if (url !== undefined) for (const key of ['url', 'publicUrl']) table.set(`services.${name}.${key}`, url);
    if (at === undefined) continue;
    table.set(`services.${name}.host`, at.host);
    table.set(`services.${name}.port`, String(at.port));
  }
  const namespace = namespaceName(spec.name, slug);
  const environment = { slug, branch, namespace, name: environmentName(spec.name, slug) };
  for (const [key, value] of Object.entries(environment)) table.set(`environment.${key}`, value);
  for (const [key, value] of Object.entries(database ?? {})) table.set(`database.${key}`, value);
  for (const [key, value] of Object.entries(temporal ?? {})) table.set(`temporal.${key}`, value);
  if (spec.database?.engine === 'sqlite')
    table.set('database.file', join(specFolder, spec.database.file ?? ''));
  return table;
}

function placeIn(url: string): Place {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: port === '' ? 80 : Number(port) };
}

/** Services without a URL that the variables of a service refer to: each needs a port of this machine. */
export function servicesToForward(spec: Spec, service: string | undefined): string[] {
  const values = Object.values(service === undefined ? {} : (spec.services[service]?.env ?? {}));
  const named = values
    .flatMap(referencesIn)
    .flatMap(({ name }) => /^services\.([^.]+)\.(?:host|port)$/.exec(name)?.[1] ?? []);
  return [...new Set(named)].filter((name) => {
    const other = spec.services[name];
    return other?.port !== undefined && protocolOf(other) === 'tcp';
  });
}

const secretKeys: readonly string[] = ['url', 'password', 'apiKey', 'clientKey', 'token'];

/** Passwords, keys and tokens, also as they are written into a URL. */
function secretsIn({ database, temporal, collector }: HostPlace): string[] {
  return [database, temporal, collector]
    .flatMap((secrets) => Object.entries(secrets ?? {}))
    .filter(([key, value]) => secretKeys.includes(key) && value !== '')
    .flatMap(([, value]) => [value, encodeURIComponent(value)]);
}

function namesWhere(
  variables: Readonly<Record<string, string>>,
  holds: (value: string) => boolean,
): string[] {
  return Object.keys(variables)
    .filter((name) => holds(variables[name] ?? ''))
    .sort();
}
