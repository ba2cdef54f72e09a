/** Exit codes of `wt`: 0 ok, 1 problem found, 2 wrong usage, 3 platform not reachable. */
export const ExitCode = { ok: 0, problem: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
