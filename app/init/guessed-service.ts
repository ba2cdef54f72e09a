/** A service that a repository seems to have, and the source of the guess. */
export interface GuessedService {
  readonly name: string;
  /** `runtime: node`, or an image for all others. */
  readonly from: { readonly runtime: 'node' } | { readonly image: string };
  readonly command: string;
  /** Absent for a service that does not listen. */
  readonly port?: number;
  /** Where the number is from. */
  readonly portWhy?: string;
  /** Source of the guess, for the comment in the file. */
  readonly why: string;
  /** Its limit, where the default is too small. */
  readonly memory?: string;
  /** What the reader should know before the first `wt up`. */
  readonly notes: readonly string[];
}
