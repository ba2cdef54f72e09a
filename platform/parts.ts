import {
  factsOf,
  type OnDemandPart,
  onDemandParts,
  type PartName,
  partFacts,
  partNames,
  publishedParts,
} from '../core/part-facts.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { PlatformParts } from '../core/state/platform-parts.ts';
import type { CollectorArgs } from './collector/deployment.ts';
import { collector } from './collector/part.ts';
import { gateway } from './gateway/part.ts';
import type { Published, TraefikArgs } from './gateway/traefik.ts';
import type { GrafanaArgs } from './grafana/deployment.ts';
import { grafana } from './grafana/part.ts';
import type { LogsArgs } from './logs/deployment.ts';
import { logs } from './logs/part.ts';
import type { MetricsArgs } from './metrics/deployment.ts';
import { metrics } from './metrics/part.ts';
import type { PagesArgs } from './pages/deployment.ts';
import { pages } from './pages/part.ts';
import type { JoiningPart, PartPlan, PlatformPart, Wants } from './part.ts';
import type { PodException } from './pod-exception.ts';
import type { PostgresArgs } from './postgres/deployment.ts';
import { postgres } from './postgres/part.ts';
import type { TemporalArgs } from './temporal/deployment.ts';
import { temporal } from './temporal/part.ts';
import type { TracesArgs } from './traces/deployment.ts';
import { traces } from './traces/part.ts';

/** The arguments of each part. */
export interface PartArgs extends Record<PartName, object> {
  gateway: TraefikArgs;
  pages: PagesArgs;
  postgres: PostgresArgs;
  temporal: TemporalArgs;
  collector: CollectorArgs;
  logs: LogsArgs;
  metrics: MetricsArgs;
  traces: TracesArgs;
  grafana: GrafanaArgs;
}

type JoiningTable = { readonly [Part in OnDemandPart]: JoiningPart<PartArgs[Part]> };
type PartTable = JoiningTable & { readonly [Part in PartName]: PlatformPart<PartArgs[Part]> };

/** Every part of the platform. */
export const parts: PartTable = {
  gateway,
  pages,
  postgres,
  temporal,
  collector,
  logs,
  metrics,
  traces,
  grafana,
};

/** The arguments of the parts that a platform has beyond its gateway. */
export type OnDemandArgs = { readonly [Part in OnDemandPart]?: PartArgs[Part] };

/**
 * What the platform's pods may do beyond those of an environment, by the names of their Services.
 *
 * @internal A test ties it to its other copies.
 */
export const podExceptions: Readonly<Record<string, PodException>> = Object.fromEntries(
  partNames.map((part) => [partFacts[part].service, parts[part].exception]),
);

/** The parts that an environment needs. */
export function partsFor(wants: Wants): OnDemandPart[] {
  return onDemandParts.filter((part) => parts[part].asks(wants));
}

/** Without parts that can only be pulled, where nothing could. Throws COPPICE_CLUSTER_TOO_OLD. */
export function argsFrom(record: ClusterRecord, joined: PlatformParts): OnDemandArgs {
  const entries = onDemandParts
    .filter((part) => joined[part] && !isOutOfReach(part, record))
    .map((part) => [part, parts[part].argsFrom(record)] as const);
  return Object.fromEntries(entries);
}

function isOutOfReach(part: OnDemandPart, { images }: ClusterRecord): boolean {
  const { pulledOnly, image } = factsOf(part);
  return pulledOnly === true && images[image] === undefined;
}

/** The plans of the parts that have arguments. */
export function plansOf(args: OnDemandArgs): PartPlan[] {
  return onDemandParts.flatMap((part) => planOf(part, args) ?? []);
}

function planOf<Part extends OnDemandPart>(part: Part, args: OnDemandArgs): PartPlan | undefined {
  const own: PartArgs[Part] | undefined = args[part];
  const table: JoiningTable = parts;
  return own && table[part].plan(own);
}

/** The servers that have a port on this machine. */
export function publishedOf(args: OnDemandArgs): Published[] {
  return publishedParts.flatMap((name) => {
    const port = args[name]?.port;
    return port === undefined ? [] : [{ name, port, servicePort: partFacts[name].port.service }];
  });
}
