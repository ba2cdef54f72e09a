import type { RiskKind } from './risks.ts';

/** How a deletion is asked for. */
export interface DeleteOptions {
  /** The risks that are accepted. */
  readonly accepted: ReadonlySet<RiskKind>;
  readonly keepBranch: boolean;
  /** A database with rows of its own is a risk. */
  readonly keepData: boolean;
  /** The hook `deleted` does not run. */
  readonly skipHooks: boolean;
  /** The telemetry of its environments is deleted too. */
  readonly purge: boolean;
  /** Hooks that were not seen before may run without a question. */
  readonly yes: boolean;
}
