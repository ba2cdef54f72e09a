import type { Spec } from '../config/spec/schema/spec.ts';
import type { AskedBy } from '../core/part-facts.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { Kind, Kinds } from '../resources/kubernetes-object.ts';
import type { PartSection, Sweep } from './context.ts';
import type { PodException } from './pod-exception.ts';

/** A part of the platform; facts that lower rooms need are in core/part-facts.ts. `Args` are plain data. */
export interface PlatformPart<Args> {
  /** What its pod may do beyond a pod of an environment. */
  readonly exception: PodException;
  plan(args: Args): PartPlan;
}

/** A part that joins when a spec first asks for it. */
export interface JoiningPart<Args> extends PlatformPart<Args> {
  /** Whether an environment needs it. */
  asks(wants: Wants): boolean;
  /** Throws COPPICE_CLUSTER_TOO_OLD where the record of an older coppice lacks something. */
  argsFrom(record: ClusterRecord): Args;
  /** Absent for a part without data of environments. */
  readonly sweep?: Sweep;
  /** What `wt doctor` checks beyond the readiness of its pod. */
  readonly sections: readonly PartSection[];
}

/** The servers that an environment uses, from its spec. */
export type Wants = { readonly [Key in AskedBy]?: Partial<NonNullable<Spec[Key]>> | undefined };

/** Everything that a part creates in the cluster, as plain data. */
export interface PartPlan {
  /** Name of a Secret whose key `password` is random and kept; its Deployment waits for it. */
  readonly password?: string;
  readonly objects: readonly PartObject[];
  /** The pod that must be ready. */
  readonly pod: ExpectedPod;
  /** A route that must also answer 200, where the gateway is on this machine. */
  readonly route?: ExpectedRoute;
}

export interface ExpectedPod {
  /** Name of its Service. */
  readonly name: string;
  /** Over everything that requires a new pod. */
  readonly configHash: string;
  /** For the first start with a pull, and for the recovery after a crash. */
  readonly timeoutSeconds: number;
}

export interface ExpectedRoute {
  readonly host: string;
  readonly path: string;
  /** Distinguish its answers from those of a gateway that does not know it yet. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A Kubernetes object. */
export type PartObject<K extends Kind = Kind> = {
  [One in K]: {
    readonly kind: One;
    readonly name: string;
    readonly body: Kinds[One];
    /** `cluster`: it has no namespace. */
    readonly scope?: 'cluster';
    /** It outlives the platform. */
    readonly retained?: true;
  };
}[K];
