/** A process as the system lists it. */
export interface SystemProcess {
  readonly pid: number;
  readonly parent: number;
  readonly argv: readonly string[];
  readonly startedAt?: number;
}

/** What the system tells of its processes. */
export interface ProcessTable {
  /** Working directories by process id, of each process that we may look at. */
  readonly folders: ReadonlyMap<number, string>;
  /** Undefined when it has ended, or is part of a pod. */
  readonly look: (pid: number) => Promise<SystemProcess | undefined>;
  /** This process and those around it, from the inside out. */
  readonly own: readonly number[];
  /** Those in one pipeline with this process: they end with it. */
  readonly pipeline: ReadonlySet<number>;
}
