import type { Input, Output } from '@pulumi/pulumi/output.js';
import { CustomResource, type CustomResourceOptions } from '@pulumi/pulumi/resource.js';
import type { DatabaseInputs } from './database/contract.ts';
import type { InstallInputs } from './install/contract.ts';
import type { TemporalInputs } from './temporal-namespace/contract.ts';

/** The resources of our own provider; `provider/` says what each does. */

export interface EnvironmentClaimArgs {
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: string;
  readonly app: string;
  readonly slug: string;
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
  readonly commit: string;
  readonly httpPort?: number;
}

/** Owns the namespace of an environment. */
export class EnvironmentClaim extends CustomResource {
  /** 8 hexadecimal digits, made once in an environment's life. */
  declare readonly environmentId: Output<string>;
  declare readonly namespace: Output<string>;

  constructor(name: string, args: EnvironmentClaimArgs, options: CustomResourceOptions) {
    super(
      'coppice:index:Environment',
      name,
      { ...args, environmentId: undefined, namespace: undefined },
      options,
    );
  }
}

export interface PlatformClaimArgs {
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: string;
  readonly version: string;
}

/** Owns the platform's namespace; refuses one that a newer coppice made. */
export class PlatformClaim extends CustomResource {
  constructor(name: string, args: PlatformClaimArgs, options: CustomResourceOptions) {
    super('coppice:index:Platform', name, { ...args }, options);
  }
}

export interface ReadyArgs {
  readonly kubeconfig: string;
  readonly context: string;
  readonly namespace: string;
  readonly services: readonly {
    readonly name: string;
    readonly replicas: number;
    readonly configHash?: string;
    readonly timeoutSeconds: number;
  }[];
  readonly routes: readonly { readonly service: string; readonly host: string; readonly path: string }[];
  readonly gateway?: string;
  readonly http?: { readonly address: string; readonly port: number };
  readonly headers?: Readonly<Record<string, Input<string>>>;
  readonly generation: string;
}

/** Is made when everything that it depends on is ready; fails with service, reason and last log lines. */
export class Ready extends CustomResource {
  constructor(name: string, args: ReadyArgs, options: CustomResourceOptions) {
    super('coppice:index:Ready', name, { ...args }, options);
  }
}

export interface DefinitionsArgs {
  readonly kubeconfig: string;
  readonly context: string;
  readonly cluster: string;
  readonly folder: string;
  readonly kinds: readonly string[];
  readonly version: string;
}

/** Resource definitions that are installed where absent, and stay. */
export class Definitions extends CustomResource {
  constructor(name: string, args: DefinitionsArgs, options: CustomResourceOptions) {
    super('coppice:index:Definitions', name, { ...args }, options);
  }
}

/** An environment's PostgreSQL database, cloned from the template of its migrations, and the Secret for its pods. */
export class Database extends CustomResource {
  /** Database and login role. */
  declare readonly name: Output<string>;
  declare readonly template: Output<string>;
  /** How it was copied: `clone`, `copy` or `wal_log`. */
  declare readonly strategy: Output<string>;
  declare readonly milliseconds: Output<number>;
  declare readonly adopted: Output<boolean>;

  constructor(name: string, inputs: DatabaseInputs, options: CustomResourceOptions) {
    const outputs = { name: undefined, template: undefined, strategy: undefined };
    const figures = { milliseconds: undefined, adopted: undefined };
    super('coppice:index:Database', name, { ...inputs, ...outputs, ...figures }, options);
  }
}

/** An environment's namespace in Temporal, and the Secret for its pods where the server is managed. */
export class TemporalNamespace extends CustomResource {
  /** What Temporal itself knows it by: one that was made anew under the same name has another. */
  declare readonly namespaceId: Output<string>;
  /** Whether it was made, and not there already. */
  declare readonly created: Output<boolean>;

  constructor(name: string, inputs: TemporalInputs, options: CustomResourceOptions) {
    const outputs = { namespaceId: undefined, created: undefined };
    super('coppice:index:TemporalNamespace', name, { ...inputs, ...outputs }, options);
  }
}

/** The volume that `install:` fills for the pods, where what the host has is for another system. */
export class Install extends CustomResource {
  /** How long the command took; 0 when the volume was filled already. */
  declare readonly milliseconds: Output<number>;

  constructor(name: string, inputs: InstallInputs, options: CustomResourceOptions) {
    super('coppice:index:Install', name, { ...inputs, milliseconds: undefined }, options);
  }
}
