/** The types below are shown by `wt workflows` and `wt status`. Times are ISO 8601. */

/** The status of a workflow execution, in the server's words. */
export type WorkflowStatus =
  | 'Running'
  | 'Completed'
  | 'Failed'
  | 'Canceled'
  | 'Terminated'
  | 'ContinuedAsNew'
  | 'TimedOut'
  | 'Paused'
  | 'Unknown';

/** One workflow, for one line. */
export interface WorkflowLine {
  readonly id: string;
  readonly runId: string;
  readonly type: string;
  readonly taskQueue: string;
  readonly status: WorkflowStatus;
  /** `stuck`: it runs but makes no progress, now or soon; see `reason`. */
  readonly kind: 'stuck' | 'failed' | 'running';
  readonly started: string;
  readonly ended?: string;
  /** Why it is stuck or failed, one line; absent for a running one, and where no reason is known. */
  readonly reason?: string;
  /** What is being retried, if that is why it is stuck. */
  readonly retry?: Retry;
}

/** Something that failed at least twice and will be retried. */
export interface Retry {
  readonly what: 'activity' | 'workflow task';
  /** Type of the activity; for a workflow task, of its workflow. */
  readonly name: string;
  /** Number of the running or next attempt: one more than have failed. */
  readonly attempt: number;
  /** Message of the last failure. */
  readonly message: string;
  /** Time of the next attempt, unless it is running. */
  readonly next?: string;
}

export interface WorkflowList {
  readonly namespace: string;
  /** Stuck ones first, then failed ones, then running ones; the youngest first in each group. */
  readonly workflows: readonly WorkflowLine[];
  /** How many run, and how many failed in the last 24 hours, in total: `workflows` may have been cut. */
  readonly total: { readonly running: number; readonly failed: number };
  /** Whether some were not inspected, or not listed. */
  readonly cut: boolean;
}

/** A message and its origin; `cause` is the failure that it wraps. */
export interface FailureText {
  readonly message: string;
  /** Type of the error in the app's own words (`CardDeclined`), or the kind of timeout (`StartToClose`). */
  readonly type?: string;
  /** First lines of the stack, if the app sent one. */
  readonly stack?: readonly string[];
  readonly cause?: FailureText;
}

/** One thing that went wrong in a workflow, or how it ended. */
export interface HistoryEntry {
  readonly kind:
    | 'activity failed'
    | 'activity timed out'
    /** Failed so far, and is being retried. */
    | 'activity retries'
    /** Failed at first, and succeeded in the end. */
    | 'activity recovered'
    | 'child workflow failed'
    | 'workflow task failed'
    | 'workflow task timed out'
    | 'end';
  readonly time: string;
  /** Type of the activity or child workflow, or the workflow's own. */
  readonly name: string;
  /** Number of attempts, where known. */
  readonly attempts?: number;
  /** Short, for one line: `NonDeterministicError`, `Failed`, `Terminated by kai: too late`. */
  readonly summary: string;
  readonly failure?: FailureText;
  /** Time of the next attempt. */
  readonly next?: string;
}

/** A workflow's history, reduced to what failed. */
export interface WorkflowHistory {
  readonly id: string;
  readonly runId: string;
  readonly type: string;
  readonly status: WorkflowStatus;
  readonly taskQueue: string;
  readonly started: string;
  readonly ended?: string;
  /** Bytes of its arguments, as they are stored. */
  readonly inputBytes: number;
  /** Identity of the client that started it (`12@shop-api-5d8`). */
  readonly startedBy: string;
  /** Sorted by time. */
  readonly entries: readonly HistoryEntry[];
  /** Number of all events, and what succeeded and is not in `entries`. */
  readonly left: {
    readonly events: number;
    readonly activitiesCompleted: number;
    readonly timersFired: number;
    readonly signals: number;
    readonly childWorkflowsCompleted: number;
  };
  /** Whether the history is longer than what was read. */
  readonly cut: boolean;
}

/** A worker that polled in the last 70 seconds. */
export interface Poller {
  /** The SDK's name for itself: `12@shop-worker-5d8`. */
  readonly identity: string;
  readonly lastSeen: string;
  readonly polls: readonly ('workflow' | 'activity')[];
}

/** A task queue used by workflows or workers of a namespace. */
export interface TaskQueue {
  readonly name: string;
  readonly pollers: readonly Poller[];
  /** Running workflows of this queue, among the youngest 10,000 of the namespace. */
  readonly running: number;
  /** Their tasks that no worker has taken yet. */
  readonly backlog: number;
}
