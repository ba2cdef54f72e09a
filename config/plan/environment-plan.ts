import type { Identity } from '../../core/identity.ts';
import type { Platforms } from '../../core/node-platform.ts';
import type { SearchAttributes } from '../spec/search-attributes.ts';

/** The types below are the contract between the spec and everything that builds, shows or checks an environment. */

/** The Temporal namespace of an environment. */
export interface TemporalPlan {
  readonly server: 'platform' | 'managed';
  /** Its name, for example `wt-shop--feat-login`; the settings of a managed server may say otherwise. */
  readonly namespace: string;
  readonly retentionSeconds: number;
  readonly searchAttributes: SearchAttributes;
}

export interface ServicePlan {
  readonly name: string;
  readonly primary: boolean;
  /** Image reference as the pod names it. */
  readonly image: string;
  /** argv; absent when the image's own command runs. */
  readonly command?: readonly string[];
  /** Absent for a service that listens on nothing (a worker). */
  readonly port?: number;
  /** Everything the process gets, PORT, HOST and OTEL_* included. References are already resolved. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Variables whose value is known to nobody but the cluster: their text still holds references to keys of the Secrets
   * `database` and `temporal` of the environment's namespace (config/spec/references/secrets.ts), and nothing else (`$${` is a literal
   * `${`).
   */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** Whether any variable refers to `${temporal.*}`: such a service starts after the Temporal namespace is usable. */
  readonly usesTemporal: boolean;
  /** HTTP path that answers below 500 when the service is ready. */
  readonly readyPath?: string;
  /** Seconds that a start may take before `up` fails. */
  readonly readyTimeoutSeconds?: number;
  readonly replicas: number;
  readonly resources: Resources;
}

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly limits: { readonly cpu: string; readonly memory: string };
}

/** One rule of the environment's HTTP routes: requests for `host` whose path begins with `path` reach `service`. */
export interface RoutePlan {
  readonly service: string;
  readonly host: string;
  readonly path: string;
  /** Full URL for people, with the port when it is not 80. */
  readonly url: string;
}

/** Where the worktree's files come from in a pod. */
export type SourcePlan =
  | {
      readonly kind: 'mount';
      /** Folder on the node, mounted at /app. */
      readonly hostPath: string;
      /** What `.git` is in that folder: it is covered in the pod, so that no pod can write hooks that run on the host. */
      readonly git: 'folder' | 'file' | 'none';
    }
  | { readonly kind: 'image' };

/** A file that decides what a database is, as it was when the plan was made. */
export interface FileDigest {
  /** Relative to the spec's folder, or absolute for a dump that lies elsewhere; `/` between the parts. */
  readonly path: string;
  /** 64 hexadecimal digits over its bytes. */
  readonly sha256: string;
}

/** A command of the app's own that works on a database, run by a Job with the worktree's files. */
export interface DatabaseCommandPlan {
  /** Image reference. */
  readonly image: string;
  /** argv. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** As in a service, but of the database that is being built. */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** Seconds until it is stopped. */
  readonly timeoutSeconds: number;
}

export interface MigratePlan extends DatabaseCommandPlan {
  /** The migrations, sorted by path. One that was applied and then edited or removed is refused. */
  readonly migrations: readonly FileDigest[];
  /** Patterns that they match; absent in the state of an older coppice. */
  readonly inputs?: readonly string[];
  /** What runs them (files that the command names, lock files): another one is another template, and no refusal. */
  readonly tools: readonly FileDigest[];
}

export type SeedPlan =
  | ({ readonly kind: 'sql' } & FileDigest)
  | ({ readonly kind: 'command'; readonly files: readonly FileDigest[] } & DatabaseCommandPlan);

/** What an environment's PostgreSQL database is made of. */
export interface PostgresPlan {
  readonly engine: 'postgres';
  /** `platform`: the one in the cluster. `managed`: one that is not ours, named in the settings. */
  readonly server: 'platform' | 'managed';
  /** Database and login role: `wt_shop__feat_login`. */
  readonly name: string;
  /** Role without login that owns every object: `shop_owner`. */
  readonly owner: string;
  readonly extensions: readonly string[];
  readonly migrate?: MigratePlan;
  readonly seed?: SeedPlan;
  /** A real database to begin with, masked before anybody sees it. */
  readonly from?: { readonly dump: FileDigest; readonly mask?: FileDigest };
}

export interface SqlitePlan {
  readonly engine: 'sqlite';
  /** Relative to the spec's folder. */
  readonly file: string;
}

export type DatabasePlan = PostgresPlan | SqlitePlan;

/**
 * What is installed for the pods because what the host has is for another system: a command that runs once in the image
 * of services, into a volume that lies over folders of the worktree in their pods.
 */
export interface InstallPlan {
  /**
   * Name of the volume's claim and of the Job, in the environment's namespace: `install-` and a hash over image,
   * command, folders and files, so that a new installation never disturbs running pods.
   */
  readonly name: string;
  readonly image: string;
  /** argv, executed in /app. */
  readonly command: readonly string[];
  /** Relative to the spec's folder, none inside another. */
  readonly folders: readonly string[];
  /** Whose pods see the volume; all have this image. */
  readonly services: readonly string[];
  /** What decides what is installed. */
  readonly files: readonly FileDigest[];
  /** Seconds until it is stopped. */
  readonly timeoutSeconds: number;
}

/** Everything an environment is, as plain data: a person can read it and a test can compare it. */
export interface EnvironmentPlan {
  readonly app: string;
  readonly slug: string;
  /** Kubernetes namespace, `wt-<app>--<slug>`. */
  readonly namespace: string;
  readonly identity: Identity;
  /** Absolute path of the folder that holds coppice.yaml. */
  readonly specFolder: string;
  readonly profile: string;
  readonly source: SourcePlan;
  readonly services: readonly ServicePlan[];
  readonly routes: readonly RoutePlan[];
  /** Value of the `X-Coppice-Commit` header. */
  readonly commitHeader: string;
  /** Commands for the host before the first `up`. */
  readonly setup: readonly string[];
  /** Absent where what the host has installed serves the pods, and when the spec asks for none. */
  readonly installs?: readonly InstallPlan[];
  /** Absent when the spec asks for none. */
  readonly database?: DatabasePlan;
  readonly temporal?: TemporalPlan;
}

/** What a plan needs to know about where it will run. */
export interface PlanContext {
  readonly identity: Identity;
  readonly specFolder: string;
  /** Overrides the slug that the branch gives (`--as NAME`). */
  readonly as?: string;
  readonly profile: string;
  /** Port of the route on the user's machine. */
  readonly httpPort: number;
  /** Image reference of each runtime of the catalogue, for example `{ node: 'docker.io/library/node:20' }`. */
  readonly runtimes: Readonly<Record<string, string>>;
  /**
   * Where the nodes see this machine's files: '/' when they are the same machine, a prefix when they are mounted
   * elsewhere, absent when the nodes do not have them (then only `image:` services can run).
   */
  readonly mountPath?: string;
  /** Folders below which the nodes see them; everywhere where absent. */
  readonly roots?: readonly string[];
  /** What this machine and the nodes are; they count as the same when absent. */
  readonly platforms?: Platforms;
  /** Files that decide what `install:` installs, by `config/files/install.ts`; needed where {@link platforms} differ. */
  readonly installFiles?: readonly FileDigest[];
  /** Files that the spec's database is made of, by `config/files/database.ts`; needed when it has one. */
  readonly databaseFiles?: DatabaseFiles;
}

/** Content of the files that a spec's `database:` names. */
export interface DatabaseFiles {
  readonly migrations: readonly FileDigest[];
  readonly tools: readonly FileDigest[];
  readonly seed: readonly FileDigest[];
  readonly dump?: FileDigest;
  readonly mask?: FileDigest;
}
