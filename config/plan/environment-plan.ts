import type { Identity } from '../../core/identity.ts';
import type { Platforms } from '../../core/node-platform.ts';
import type { MigrationLinks } from '../spec/migrations/content.ts';
import type { MigrationToolName } from '../spec/migrations/tool-table.ts';
import type { Protocol } from '../spec/protocol.ts';
import type { Instrumented } from '../spec/schema/telemetry.ts';
import type { SearchAttributes } from '../spec/search-attributes.ts';

/** The types below are the contract between the spec and everything that builds, shows or checks an environment. */

/** The Temporal namespace of an environment. */
export interface TemporalPlan {
  readonly server: 'platform' | 'managed';
  /** Its name, for example `wt-shop--feat-login`; a managed server's settings may change it. */
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
  /** What the port speaks; absent for HTTP, and in a plan without a port. */
  readonly protocol?: Exclude<Protocol, 'http'>;
  /** The whole environment of the process, including PORT, HOST and OTEL_*. References are resolved. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Variables whose value only the cluster knows: their text still contains references to keys of the Secrets
   * `database` and `temporal` in the environment's namespace (config/spec/references/secrets.ts), and no others (`$${`
   * is a literal `${`).
   */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** Whether any variable refers to `${temporal.*}`: such a service starts once the Temporal namespace is usable. */
  readonly usesTemporal: boolean;
  /** HTTP path that answers below 500 when the service is ready. */
  readonly readyPath?: string;
  /** Seconds that a start may take before `up` fails. */
  readonly readyTimeoutSeconds?: number;
  readonly replicas: number;
  readonly resources: Resources;
  /** Languages in which its pods are traced without a change in the app; absent for none. */
  readonly instrument?: readonly Instrumented[];
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
  /** Full URL for people, with the port if it is not 80. */
  readonly url: string;
}

/** How a pod gets the worktree's files. */
export type SourcePlan =
  | {
      readonly kind: 'mount';
      /** Folder on the node, mounted at /app. */
      readonly hostPath: string;
      /**
       * Mark of the folder that has this path now. Pods hold the folder itself, so one that is deleted and created again
       * needs new pods.
       */
      readonly mark?: string;
      /**
       * What `.git` is in that folder: the pod sees a cover instead, so that it cannot write hooks that run on the
       * host.
       */
      readonly git: 'folder' | 'file' | 'none';
    }
  | { readonly kind: 'image' };

/** A file that defines a database, as it was when the plan was made. */
export interface FileDigest {
  /** Relative to the spec's folder, or absolute for a dump that lies elsewhere; `/` between the parts. */
  readonly path: string;
  /** 64 hexadecimal digits over its bytes. */
  readonly sha256: string;
}

/**
 * A migration. Without `kind` it runs once: one that was edited or removed after it was applied is refused. A
 * repeatable one runs again when it was edited.
 */
export interface MigrationFile extends FileDigest, MigrationLinks {
  readonly kind?: 'repeatable';
}

/** One of the app's own commands that works on a database, run by a Job with the worktree's files. */
export interface DatabaseCommandPlan {
  /** Image reference. */
  readonly image: string;
  /** argv. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** As in a service, but for the database that is being built. */
  readonly secretEnv: Readonly<Record<string, string>>;
  /** Seconds until it is stopped. */
  readonly timeoutSeconds: number;
}

export interface MigratePlan extends DatabaseCommandPlan {
  /** The migrations, sorted by path. */
  readonly migrations: readonly MigrationFile[];
  /** What else the patterns match, and no migration is: files that the tool writes, and those that undo. */
  readonly ignored?: readonly string[];
  /** The tool that runs them, if it is a known one. */
  readonly tool?: MigrationToolName;
  /** Patterns that match them; absent in the state of an older coppice. */
  readonly inputs?: readonly string[];
  /**
   * What runs them (files that the command names, lock files): a change there means another template, but no refusal.
   */
  readonly tools: readonly FileDigest[];
}

export type SeedPlan =
  /** `more`: files that run after it. */
  | ({ readonly kind: 'sql'; readonly more?: readonly FileDigest[] } & FileDigest)
  | ({ readonly kind: 'command'; readonly files: readonly FileDigest[] } & DatabaseCommandPlan);

/** The definition of an environment's PostgreSQL database. */
export interface PostgresPlan {
  readonly engine: 'postgres';
  /** `platform`: the one in the cluster. `managed`: a server outside, named in the settings. */
  readonly server: 'platform' | 'managed';
  /** Database and login role: `wt_shop__feat_login`. */
  readonly name: string;
  /** Role without login that owns every object: `shop_owner`. */
  readonly owner: string;
  readonly extensions: readonly string[];
  readonly migrate?: MigratePlan;
  readonly seed?: SeedPlan;
  /** A real database to start from, masked before anybody sees it. */
  readonly from?: { readonly dump: FileDigest; readonly mask?: FileDigest };
}

export interface SqlitePlan {
  readonly engine: 'sqlite';
  /** Relative to the spec's folder. */
  readonly file: string;
}

export type DatabasePlan = PostgresPlan | SqlitePlan;

/**
 * What is installed for the pods because the host's packages are for another system: a command that runs once in the
 * services' image, into a volume that covers folders of the worktree in their pods.
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
  /** Services whose pods see the volume; all have this image. */
  readonly services: readonly string[];
  /** The files that define what is installed. */
  readonly files: readonly FileDigest[];
  /** Seconds until it is stopped. */
  readonly timeoutSeconds: number;
}

/** A whole environment as plain data: a person can read it and a test can compare it. */
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
  /** Commands for the host, before the first `up`. */
  readonly setup: readonly string[];
  /** Absent if the host's packages also serve the pods, or the spec asks for none. */
  readonly installs?: readonly InstallPlan[];
  /** Absent when the spec asks for none. */
  readonly database?: DatabasePlan;
  readonly temporal?: TemporalPlan;
}

/** What a plan needs to know about where it will run. */
export interface PlanContext {
  readonly identity: Identity;
  readonly specFolder: string;
  /** `folderMark` of core/files.ts for {@link specFolder}, so that pods are renewed when another folder takes its path. */
  readonly folderMark?: string;
  /** Overrides the slug derived from the branch (`--as NAME`). */
  readonly as?: string;
  readonly profile: string;
  /** Port of the route on the user's machine. */
  readonly httpPort: number;
  /** Image reference of each runtime in the catalogue, for example `{ node: 'docker.io/library/node:20' }`. */
  readonly runtimes: Readonly<Record<string, string>>;
  /**
   * Where the nodes see this machine's files: '/' if they are the same machine, a prefix if the files are mounted
   * elsewhere, absent if the nodes do not see them (then only `image:` services can run).
   */
  readonly mountPath?: string;
  /** The nodes see folders below these; all folders if absent. */
  readonly roots?: readonly string[];
  /** Platforms of this machine and of the nodes; the same if absent. */
  readonly platforms?: Platforms;
  /**
   * Files that define what `install:` installs, from `config/files/install.ts`; needed where {@link platforms} differ.
   */
  readonly installFiles?: readonly FileDigest[];
  /** Files that define the spec's database, from `config/files/database.ts`; needed if it has one. */
  readonly databaseFiles?: DatabaseFiles;
}

/** Content of the files that a spec's `database:` names. */
export interface DatabaseFiles {
  readonly migrations: readonly MigrationFile[];
  readonly ignored?: readonly string[];
  readonly tool?: MigrationToolName;
  readonly tools: readonly FileDigest[];
  readonly seed: readonly FileDigest[];
  readonly dump?: FileDigest;
  readonly mask?: FileDigest;
}
