/** The types below are what `wt workflows` and `wt status` show. Times are ISO 8601. */

/** How a workflow's execution stands with the server, in its words. */
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
  /** `stuck`: it runs, and goes on neither now nor soon; see `reason`. */
  readonly kind: 'stuck' | 'failed' | 'running';
  readonly started: string;
  readonly ended?: string;
  /** Why it is stuck or failed, one line; absent for one that runs, and for one of which nothing is told. */
  readonly reason?: string;
  /** What is tried again and again, where that is why it is stuck. */
  readonly retry?: Retry;
}

/** Something that failed at least twice and will be tried again. */
export interface Retry {
  readonly what: 'activity' | 'workflow task';
  /** Type of the activity; of a workflow task that of its workflow. */
  readonly name: string;
  /** Number of the attempt that runs or comes next: one more than have failed. */
  readonly attempt: number;
  /** Message of the last failure. */
  readonly message: string;
  /** When it is tried next, if that is still to come. */
  readonly next?: string;
}

export interface WorkflowList {
  readonly namespace: string;
  /** Stuck ones first, then failed ones, then those that run; the youngest first in each. */
  readonly workflows: readonly WorkflowLine[];
  /** How many run, and how many failed in the last 24 hours, all told: `workflows` may have been cut. */
  readonly total: { readonly running: number; readonly failed: number };
  /** Whether some were not looked at closely, or not listed. */
  readonly cut: boolean;
}

/** A message and where it comes from; `cause` is what it was made of. */
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
    /** Failed so far, and is tried again. */
    | 'activity retries'
    /** Failed at first, and went well in the end. */
    | 'activity recovered'
    | 'child workflow failed'
    | 'workflow task failed'
    | 'workflow task timed out'
    | 'end';
  readonly time: string;
  /** Type of the activity or child workflow, or the workflow's own. */
  readonly name: string;
  /** How often it was tried, where that is told. */
  readonly attempts?: number;
  /** Short, for one line: `NonDeterministicError`, `Failed`, `Terminated by kai: too late`. */
  readonly summary: string;
  readonly failure?: FailureText;
  /** When it is tried next. */
  readonly next?: string;
}

/** A workflow's history, shortened to what failed. */
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
  /** Identity of whoever started it (`12@shop-api-5d8`). */
  readonly startedBy: string;
  /** In the order of time. */
  readonly entries: readonly HistoryEntry[];
  /** Events in all, and what went well and is not in `entries`. */
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

/** Somebody who asked for work in the last 70 seconds. */
export interface Poller {
  /** As the SDK calls itself: `12@shop-worker-5d8`. */
  readonly identity: string;
  readonly lastSeen: string;
  readonly polls: readonly ('workflow' | 'activity')[];
}

/** A task queue that workflows or workers of a namespace name. */
export interface TaskQueue {
  readonly name: string;
  readonly pollers: readonly Poller[];
  /** Running workflows of this queue, among the youngest 10,000 of the namespace. */
  readonly running: number;
  /** Tasks of these that nobody has taken yet. */
  readonly backlog: number;
}
