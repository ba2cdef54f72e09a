import type { InstallPlan, PostgresPlan, SourcePlan } from '../../config/plan/environment-plan.ts';
import type { PostgresPlace } from '../../servers/postgres/place.ts';
import type { StrategyName } from '../../servers/postgres/types.ts';
import type { Contract, OnCluster } from '../contract.ts';

/**
 * An environment's database in PostgreSQL, cloned from the template of its migrations, with its login role and the
 * Secret for its pods. It queries the server for the actual state, so every `up` repairs; a lost Secret gets a new
 * password and new pods; new migrations run in a Job; delete keeps a snapshot where that costs nothing.
 */
export const databaseContract: Contract<'Database', DatabaseInputs, DatabaseOutputs> = {
  token: 'coppice:index:Database',
  words: 'database',
  outputs: {
    name: undefined,
    template: undefined,
    strategy: undefined,
    milliseconds: undefined,
    adopted: undefined,
  },
};

/** No password, no contents of a file. */
export interface DatabaseInputs extends OnCluster {
  readonly server: PostgresPlace;
  /** Kubernetes namespace of the environment, which gets the Secret `database`. */
  readonly namespace: string;
  readonly app: string;
  /** The slug. */
  readonly environment: string;
  readonly repository: string;
  readonly branch: string;
  readonly worktree: string;
  /** Absolute path of the folder to which the plan's files are relative. */
  readonly folder: string;
  readonly database: PostgresPlan;
  /** How the commands see the worktree's files, and as which user they run. */
  readonly source: SourcePlan;
  /**
   * Packages that the commands need and that the host has only for another system; each command installs them for
   * itself.
   */
  readonly installs?: readonly InstallPlan[];
  readonly uid: number;
  readonly gid: number;
  /** Prefix under which the nodes see this machine's folders; absent when they do not. */
  readonly mountPath?: string;
  /** Image with psql and pg_restore; absent in the record of an older coppice. */
  readonly image?: string;
}

/** The inputs and the results; the password is in a Secret. */
export interface DatabaseOutputs extends DatabaseInputs {
  /** Of the database and of its login role. */
  readonly name: string;
  readonly template: string;
  /** How it was copied, and how long that took. */
  readonly strategy: StrategyName;
  readonly milliseconds: number;
  /** Whether it existed already. */
  readonly adopted: boolean;
}
