import type { MigrationFile } from '../../config/plan/environment-plan.ts';
import type { Owner } from '../../core/owner.ts';
import type { MigrationRules } from './migrations/migrations.ts';
import type { LeftOutOfDump } from './restore/report.ts';

/** How to log in to a server, with a role that may create databases. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Database to connect to for work on the server itself; `postgres` when absent. */
  readonly maintenance?: string;
  /** TLS as in libpq's `sslmode`; off when absent. */
  readonly ssl?: boolean;
}

/** How CREATE DATABASE copies: a row of the table in strategy.ts. */
export type StrategyName = 'clone' | 'copy' | 'wal_log';

/** One of the app's own commands to run against a database; in a cluster it becomes a Job. */
export interface CommandRun {
  readonly kind: 'migrate' | 'seed';
  readonly database: string;
  /** A login role that may change this database and no other. */
  readonly user: string;
  readonly password: string;
  /** `application_name` of its sessions, which identifies them when it is stopped. */
  readonly session: string;
  readonly signal: AbortSignal;
}

/** Runs it to completion. Throws COPPICE_MIGRATION with its last lines when it fails, COPPICE_INTERRUPTED. */
export type RunCommand = (run: CommandRun) => Promise<void>;

/** The text of a dump, as pg_dump or pg_restore prints it. */
export interface DumpText {
  /** The file, for people. */
  readonly path: string;
  /** `archive`: pg_restore made a text of it. */
  readonly origin: 'text' | 'archive';
  readonly chunks: AsyncIterable<Buffer>;
  /** Frees what it holds, however much was read. */
  readonly close: () => Promise<void>;
}

/** A file of SQL. */
export interface SqlFile {
  /** For people. */
  readonly path?: string;
  /** Its bytes: it may be in another encoding than UTF-8. */
  readonly text: string | Buffer;
}

/** Names the program behind a client's address, if it is a known one: `pod web-7c9f of shop/main`. */
export type NameClient = (address: string) => Promise<string | undefined>;

/** What a build or an update needs besides the server. */
export interface Work {
  readonly run: RunCommand;
  readonly signal: AbortSignal;
  /** Opens the dump of the template. Throws COPPICE_DUMP, COPPICE_FILE_CHANGED. */
  readonly openDump?: () => Promise<DumpText>;
  /** One line about the current step, for people. */
  readonly progress?: (text: string) => void;
  /** Says at once what a command waits for; goes to `progress` when absent. */
  readonly note?: (text: string) => void;
  /** Names the program behind a client's address. */
  readonly nameClient?: NameClient;
}

/** The inputs of a template. Two requests with one hash share one template. */
export interface TemplateRequest {
  readonly app: string;
  /** Role without login that owns every object. */
  readonly owner: string;
  readonly extensions: readonly string[];
  /** Restored first; `mask` is SQL that runs on it before anything else can. */
  readonly dump?: { readonly identity: string; readonly mask?: string | Buffer };
  /** Whether the app has a migrate command, and which files it applies. */
  readonly migrations?: readonly MigrationFile[];
  /** What tells a migration from other files. */
  readonly rules?: MigrationRules;
  /** `command`: run by `RunCommand`. `sql`: its text runs as the owner. */
  readonly seed?: { readonly kind: 'command' } | SqlSeed;
  /** Covers everything that decides the result, see identity.ts: 16 hexadecimal digits. */
  readonly hash: string;
  /**
   * The same over dump, mask, extensions and server alone: these are restored once, however many migrations
   * follow.
   */
  readonly sourceHash: string;
  /**
   * The same over everything but the migrations: a template of this base that has some of them is a start for one
   * that has all. Absent when there is no migrate command.
   */
  readonly baseHash?: string;
}

export interface SqlSeed extends SqlFile {
  readonly kind: 'sql';
  /** Run after it, each in a transaction of its own. */
  readonly more?: readonly SqlFile[];
}

/** The comment on a database of ours, as JSON: it survives even if Pulumi's state does not. */
export type Mark =
  | {
      readonly coppice: 1;
      readonly kind: 'template';
      readonly app: string;
      readonly hash: string;
      /** `source`: a restored and masked dump, without the app's migrations. */
      readonly stage: 'source' | 'complete';
      readonly builtAt: string;
      /** When something was last cloned from it or removed, if that was at least a day later. */
      readonly usedAt?: string;
      /** Template of the restored dump that it was created from. */
      readonly source?: string;
      /** `baseHash` of its request; absent in those of an older coppice. */
      readonly base?: string;
      /** What a dump has and it has not; in a `source` alone. */
      readonly leftOut?: LeftOutOfDump;
      /** The template with fewer migrations that it began from. */
      readonly grownFrom?: string;
      readonly buildMilliseconds: number;
      readonly migrations: readonly MigrationFile[];
      /** For the cost model. */
      readonly files: number;
      readonly bytes: number;
    }
  | {
      readonly coppice: 1;
      readonly kind: 'building';
      readonly app: string;
      readonly hash: string;
      readonly startedAt: string;
    }
  | ({
      readonly coppice: 1;
      readonly kind: 'clone';
      readonly template: string;
      readonly migrations: readonly MigrationFile[];
      /** Extensions that are known to exist. Absent when unknown: they are then created if missing. */
      readonly extensions?: readonly string[];
      readonly strategy: StrategyName;
      readonly milliseconds: number;
      readonly createdAt: string;
      readonly origin: Origin;
    } & Owner)
  | ({
      readonly coppice: 1;
      readonly kind: 'snapshot';
      /** Name of the database that it is a snapshot of. */
      readonly of: string;
      /** The user's name for it, or one built from reason and time. */
      readonly name: string;
      /** `asked`: kept until removed. The others are kept for 72 hours. */
      readonly reason: 'asked' | 'down' | 'reset' | 'restore' | 'fork' | 'undo';
      readonly takenAt: string;
      readonly template: string;
      readonly migrations: readonly MigrationFile[];
      /** How its blocks were copied: whether it shares them. */
      readonly strategy?: StrategyName;
    } & Owner);

export type Origin =
  | { readonly kind: 'template' }
  | { readonly kind: 'snapshot'; readonly name: string }
  | { readonly kind: 'fork'; readonly of: string }
  /** Moved from another cluster, whose driver is given. */
  | { readonly kind: 'migrated'; readonly from: string };
