import { platformNamespace } from './labels.ts';

/**
 * What rooms below `platform/` need to know of a platform part: the settings, the record of the cluster and the
 * drivers.
 */
export interface PartFacts {
  /** Its name for people. */
  readonly title: string;
  /** `always`: there is no platform without it. `on-demand`: it joins when it is first asked for, and stays. */
  readonly joins: 'always' | 'on-demand';
  /** Key of coppice.yaml that asks for it. A part that joins on demand and has none is asked for by its name. */
  readonly askedBy?: string;
  /** Its image is never built here: where no registry has it, the platform is whole without the part. */
  readonly pulledOnly?: true;
  /** An environment works without it, so its `up` neither fails nor waits for long because of it. */
  readonly optional?: true;
  /** Name of its Deployment, Service, claim and Secret: clients use `SERVICE.coppice.svc`. */
  readonly service: string;
  /** Name of its image in the catalogue. */
  readonly image: string;
  /** Absent for a part without a port for clients. */
  readonly port?: PartPort;
  /** Absent for a part without data. */
  readonly volume?: PartVolume;
}

/** Its ports. The part's own name is the key of `here` in the settings' `ports`, and in the record of the cluster. */
export interface PartPort {
  /** Of its Service and its pod. */
  readonly service: number;
  /** On 127.0.0.1 of this machine, unless the settings set another. */
  readonly here: number;
  /** On the nodes, from where Docker forwards it to this machine: 30000 to 32767. */
  readonly node: number;
}

/** Where it keeps its data. */
export interface PartVolume {
  /** Key in the record of the cluster, and in the settings' `existing`. */
  readonly key: string;
  /** Size of its claim, unless the settings set another. */
  readonly size: string;
  /** uid and gid of its files: those of the server in its image. */
  readonly user: number;
  /** Name of its folder in the data folder of each driver that has one. */
  readonly folder: { readonly embedded: string; readonly k3d: string };
  /** Its files are cloned: the record has whether files there can share their blocks. */
  readonly clones?: true;
}

/** Every part of the platform. `platform/parts.ts` has the rest of each. */
export const partFacts = {
  gateway: { title: 'the gateway', joins: 'always', service: 'traefik', image: 'traefik' },
  pages: { title: 'the pages', joins: 'always', service: 'pages', image: 'node' },
  postgres: {
    title: 'PostgreSQL',
    joins: 'on-demand',
    askedBy: 'database',
    service: 'postgres',
    image: 'postgres',
    port: { service: 5432, here: 15432, node: 30432 },
    volume: {
      key: 'databaseVolume',
      size: '20Gi',
      user: 999,
      folder: { embedded: 'server', k3d: 'databases' },
      clones: true,
    },
  },
  temporal: {
    title: 'Temporal',
    joins: 'on-demand',
    askedBy: 'temporal',
    service: 'temporal',
    image: 'temporal',
    port: { service: 7233, here: 17233, node: 30733 },
    volume: {
      key: 'temporalVolume',
      size: '5Gi',
      user: 1000,
      folder: { embedded: 'temporal', k3d: 'temporal' },
    },
  },
  collector: {
    title: 'the OpenTelemetry Collector',
    joins: 'on-demand',
    askedBy: 'telemetry',
    optional: true,
    service: 'collector',
    image: 'otelcol',
    // What waits for a store.
    volume: {
      key: 'collectorVolume',
      size: '2Gi',
      // Files of pods' logs are root's, and nobody else may read them.
      user: 0,
      folder: { embedded: 'collector', k3d: 'collector' },
    },
  },
  logs: {
    title: 'VictoriaLogs',
    joins: 'on-demand',
    askedBy: 'telemetry',
    optional: true,
    service: 'victorialogs',
    image: 'victoria-logs',
    volume: { key: 'logsVolume', size: '8Gi', user: 1001, folder: { embedded: 'logs', k3d: 'logs' } },
  },
  metrics: {
    title: 'Prometheus',
    joins: 'on-demand',
    askedBy: 'telemetry',
    optional: true,
    service: 'prometheus',
    image: 'prometheus',
    volume: {
      key: 'metricsVolume',
      size: '4Gi',
      user: 65534,
      folder: { embedded: 'metrics', k3d: 'metrics' },
    },
  },
  traces: {
    title: 'Jaeger',
    joins: 'on-demand',
    askedBy: 'telemetry',
    optional: true,
    service: 'jaeger',
    image: 'jaeger',
    volume: { key: 'tracesVolume', size: '4Gi', user: 10001, folder: { embedded: 'traces', k3d: 'traces' } },
  },
  grafana: {
    title: 'Grafana',
    joins: 'on-demand',
    pulledOnly: true,
    optional: true,
    service: 'grafana',
    image: 'grafana',
  },
} as const satisfies Record<string, PartFacts>;

type Facts = typeof partFacts;

export type PartName = keyof Facts;
/** A part that joins when it is first asked for. */
export type OnDemandPart = PartsWith<{ readonly joins: 'on-demand' }>;
/** Keys of coppice.yaml that ask for a part. */
export type AskedBy = Facts[PartsWith<{ readonly askedBy: string }>]['askedBy'];
/** A part with a port on this machine. */
export type PublishedPart = PartsWith<{ readonly port: PartPort }>;
/** A part that keeps data. */
export type StoredPart = PartsWith<{ readonly volume: PartVolume }>;
export type VolumeKey = Facts[StoredPart]['volume']['key'];
/** Name in the catalogue of a part's image. */
export type PartImage = Facts[PartName]['image'];

type PartsWith<Fact> = { [Name in PartName]: Facts[Name] extends Fact ? Name : never }[PartName];

export const partNames = Object.keys(partFacts) as readonly PartName[];
export const onDemandParts = partNames.filter(
  (part): part is OnDemandPart => factsOf(part).joins === 'on-demand',
);
export const publishedParts = partNames.filter(
  (part): part is PublishedPart => factsOf(part).port !== undefined,
);
export const optionalParts = partNames.filter((part) => factsOf(part).optional === true);
export const storedParts = partNames.filter((part): part is StoredPart => factsOf(part).volume !== undefined);

/** What `wt platform up --with` takes: the name of a part, or the key that asks for several at once. */
export function partsNamed(name: string): readonly OnDemandPart[] {
  const asked = onDemandParts.filter((part) => factsOf(part).askedBy === name);
  return asked.length > 1 ? asked : onDemandParts.filter((part) => part === name);
}

/** Every name that {@link partsNamed} knows as one choice. */
export const joiningNames: readonly string[] = [
  ...new Set(
    onDemandParts.map((part) => {
      const { askedBy } = factsOf(part);
      return askedBy !== undefined && partsNamed(askedBy).length > 1 ? askedBy : part;
    }),
  ),
];

/** Name of its Service as pods of every namespace resolve it: `temporal.coppice.svc`. */
export function hostOf(part: PartName): string {
  return `${partFacts[part].service}.${platformNamespace}.svc`;
}

/** @internal Its test passes parts of its own. */
export function factsOf(part: PartName): PartFacts {
  return partFacts[part];
}

/** One entry for each part with a port on this machine, under its name. */
export function byPublishedPart<T>(entryOf: (part: PublishedPart) => T): Record<PublishedPart, T> {
  const entries = publishedParts.map((part) => [part, entryOf(part)] as const);
  return Object.fromEntries(entries) as Record<PublishedPart, T>;
}

/** One entry for each part that keeps data, under the key of its volume. */
export function byVolumeKey<T>(entryOf: (part: StoredPart) => T): Record<VolumeKey, T> {
  const entries = storedParts.map((part) => [partFacts[part].volume.key, entryOf(part)] as const);
  return Object.fromEntries(entries) as Record<VolumeKey, T>;
}
