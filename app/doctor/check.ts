/** One finding of `wt doctor`; the shape is that of the drivers' own checks. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do when it is not ok. */
  readonly fix?: string;
}

export interface Section {
  readonly title: string;
  readonly checks: readonly Check[];
}
