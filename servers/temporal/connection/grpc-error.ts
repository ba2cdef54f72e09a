import { CoppiceError, type ErrorCode, hasCode, messageOf } from '../../../core/errors.ts';
import type { Frontend } from '../types.ts';

/** Status codes of gRPC, https://grpc.io/docs/guides/status-codes/; the package that names them takes 60 ms to load. */
export const status = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;
export type Status = (typeof status)[keyof typeof status];

const lost: readonly number[] = [status.unavailable, status.deadlineExceeded, status.cancelled];
const denied: readonly number[] = [status.permissionDenied, status.unauthenticated];

/** Whether the server answered a call with one of these. */
export function isRefusal(error: unknown, ...codes: readonly Status[]): boolean {
  const code = error instanceof CoppiceError ? statusOf(error.cause) : undefined;
  return code !== undefined && (codes as readonly number[]).includes(code);
}

const unreachable: readonly ErrorCode[] = [
  'COPPICE_NO_TEMPORAL_SERVER',
  'COPPICE_TEMPORAL_UNREACHABLE',
  'COPPICE_PORT_FORWARD',
];

/** Whether an error means that a server cannot be reached, rather than that it refuses. */
export function isUnreachable(error: unknown): boolean {
  return hasCode(error, ...unreachable);
}

/**
 * The error of a failed call as one of ours: COPPICE_TEMPORAL_UNREACHABLE (exit code 3), COPPICE_TEMPORAL_DENIED, or
 * COPPICE_TEMPORAL with the server's own words.
 */
export function callError(frontend: Frontend, method: string, cause: unknown): CoppiceError {
  const { address } = frontend;
  const code = statusOf(cause);
  const words = detailsOf(cause);
  if (code !== undefined && denied.includes(code)) {
    return new CoppiceError('COPPICE_TEMPORAL_DENIED', `Temporal at ${address} denies ${method}: ${words}`, {
      hint: showsKeys(frontend)
        ? 'check the key and the certificate under `temporal.managed` in the settings'
        : "the platform's server needs no key: run `wt doctor` to see what answers there; the key of your own server goes into the settings, under `temporal.managed`",
      cause,
    });
  }
  if (code !== undefined && !lost.includes(code)) {
    return new CoppiceError('COPPICE_TEMPORAL', `Temporal at ${address} refuses ${method}: ${words}`, {
      cause,
    });
  }
  if (/certificate/i.test(words)) {
    return new CoppiceError(
      'COPPICE_TEMPORAL_DENIED',
      `no secure connection to Temporal at ${address}: ${words}`,
      {
        hint: 'check ca, cert, key and serverName under `temporal.managed.tls` in the settings',
        cause,
      },
    );
  }
  return new CoppiceError(
    'COPPICE_TEMPORAL_UNREACHABLE',
    `Temporal at ${address} does not answer ${method}: ${words}`,
    {
      hint: "for the platform's server run `wt doctor`; for a managed one check `temporal.managed` in the settings",
      cause,
    },
  );
}

function showsKeys({ tls, apiKey }: Frontend): boolean {
  return tls !== undefined || apiKey !== undefined;
}

export function statusOf(cause: unknown): number | undefined {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

export function detailsOf(cause: unknown): string {
  const details = (cause as { details?: unknown } | undefined)?.details;
  if (typeof details !== 'string' || details === '') return messageOf(cause);
  // Strips the client's words around the actual error, and OpenSSL's around its reason.
  return details
    .replace(/^No connection established\. Last error: (Error( \[\w+\])?: )?/, '')
    .replace(/\.? Resolution note:\s*$/, '')
    .replace(/^[0-9A-F]+:error:[^:]*:SSL routines:[^:]*:([^:]*):.*$/s, '$1');
}
