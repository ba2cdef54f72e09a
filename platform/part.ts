import type { Spec } from '../config/spec/schema/spec.ts';
import type { AskedBy } from '../core/part-facts.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { Kind, Kinds } from '../resources/kubernetes-object.ts';
import type { PartSection, Sweep } from './context.ts';
import type { PodException } from './pod-exception.ts';

/** A part of the platform; what is known of it further down stands in core/part-facts.ts. `Args` are plain data. */
export interface PlatformPart<Args> {
  /** What its pod may beyond a pod of an environment. */
  readonly exception: PodException;
  plan(args: Args): PartPlan;
}

/** A part that joins when a spec first asks for it. */
export interface JoiningPart<Args> extends PlatformPart<Args> {
  /** Whether an environment needs it. */
  asks(wants: Wants): boolean;
  /** Throws COPPICE_CLUSTER_TOO_OLD where the record of an older coppice lacks something. */
  argsFrom(record: ClusterRecord): Args;
  /** Absent for a part that keeps nothing of environments. */
  readonly sweep?: Sweep;
  /** What `wt doctor` looks at beyond the readiness of its pod. */
  readonly sections: readonly PartSection[];
}

/** What a spec says of the servers that an environment uses. */
export type Wants = { readonly [Key in AskedBy]?: Partial<NonNullable<Spec[Key]>> | undefined };

/** Everything that a part asks the cluster for, as plain data. */
export interface PartPlan {
  /** Name of a Secret whose key `password` is random and kept; its Deployment waits for it. */
  readonly password?: string;
  readonly objects: readonly PartObject[];
  /** The pod that must be ready. */
  readonly pod: ExpectedPod;
  /** What must answer 200 beyond that, where the gateway is on this machine. */
  readonly route?: ExpectedRoute;
}

export interface ExpectedPod {
  /** Name of its Service. */
  readonly name: string;
  /** Over all that makes a new pod. */
  readonly configHash: string;
  /** For the first start with a pull, and for the recovery after a crash. */
  readonly timeoutSeconds: number;
}

export interface ExpectedRoute {
  readonly host: string;
  readonly path: string;
  /** What tells its answers from those of a gateway that does not know it yet. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An object of Kubernetes. */
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
