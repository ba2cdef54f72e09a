import type { ErrorCode } from './error-codes.ts';

/** Exit codes of `wt`: 0 ok, 1 problem found, 2 wrong usage, 3 platform not reachable. */
export const ExitCode = { ok: 0, problem: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Codes of errors that do not end `wt` with {@link ExitCode.problem}. */
const usage: readonly ErrorCode[] = [
  'COPPICE_AMBIGUOUS',
  'COPPICE_BRANCH_EXISTS',
  'COPPICE_BRANCH_NAME',
  'COPPICE_FORK',
  'COPPICE_NOT_CONFIRMED',
  'COPPICE_NO_AGENT',
  'COPPICE_NO_PREVIOUS',
  'COPPICE_NO_REF',
  'COPPICE_NO_SERVICE',
  'COPPICE_PROFILE',
  'COPPICE_SLUG',
  'COPPICE_SNAPSHOT_NAME',
  'COPPICE_USAGE',
];
const unreachable: readonly ErrorCode[] = [
  'COPPICE_CLUSTER_DOWN',
  'COPPICE_DATABASE_UNREACHABLE',
  'COPPICE_DOCKER_DENIED',
  'COPPICE_DOCKER_STOPPED',
  'COPPICE_KUBECONFIG',
  'COPPICE_NO_CLUSTER',
  'COPPICE_NO_DATABASE_SERVER',
  'COPPICE_NO_DOCKER',
  'COPPICE_NO_TELEMETRY',
  'COPPICE_NO_TEMPORAL_SERVER',
  'COPPICE_OTHER_ENGINE',
  'COPPICE_PORT_FORWARD',
  'COPPICE_REMOTE_ENGINE',
  'COPPICE_TELEMETRY_UNREACHABLE',
  'COPPICE_TEMPORAL_UNREACHABLE',
  'COPPICE_UNREACHABLE',
];

/** Exit code of `wt` for an error, unless the code that throws it sets another one. */
export function exitCodeFor(code: ErrorCode): ExitCode {
  if (usage.includes(code)) return ExitCode.usage;
  return unreachable.includes(code) ? ExitCode.unreachable : ExitCode.problem;
}
