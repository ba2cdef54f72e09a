import type { InstallPlan, PostgresPlan, SourcePlan } from '../../config/plan/environment-plan.ts';
import type { PostgresPlace } from '../../servers/postgres/place.ts';
import type { StrategyName } from '../../servers/postgres/types.ts';
import type { Contract, OnCluster } from '../contract.ts';

/**
 * An environment's database in PostgreSQL, cloned from the template of its migrations, with its login role and the Secret
 * that tells pods of it. Asks the server what there is, so every `up` repairs; a Secret that was lost gets a new password
 * and new pods; new migrations run in a Job; delete keeps a snapshot where that costs nothing.
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
  /** Absolute path of the folder that the plan's files are relative to. */
  readonly folder: string;
  readonly database: PostgresPlan;
  /** How the commands see the worktree's files, and as whom they run. */
  readonly source: SourcePlan;
  /** What the commands need that the host has for another system only; each installs for itself. */
  readonly installs?: readonly InstallPlan[];
  readonly uid: number;
  readonly gid: number;
  /** Prefix under which the nodes see this machine's folders; absent when they do not. */
  readonly mountPath?: string;
  /** Image that has psql and pg_restore; absent in the record of an older coppice. */
  readonly image?: string;
}

/** Beside the inputs what became of them: the password is in a Secret. */
export interface DatabaseOutputs extends DatabaseInputs {
  /** Of the database and of its login role. */
  readonly name: string;
  readonly template: string;
  /** How it was copied, and how long that took. */
  readonly strategy: StrategyName;
  readonly milliseconds: number;
  /** Whether it was there already. */
  readonly adopted: boolean;
}
