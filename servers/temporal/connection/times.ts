import type { google } from '@temporalio/proto';

/** A number of 64 bits may be given as one of JavaScript's, which its type does not say. */
export function duration(seconds: number): google.protobuf.IDuration {
  return { seconds } as unknown as google.protobuf.IDuration;
}

/** Undefined for a time that the server did not say. */
export function timeOf(timestamp: google.protobuf.ITimestamp | null | undefined): Date | undefined {
  if (!timestamp?.seconds) return undefined;
  // Numbers of 64 bits come as objects, or as numbers where the package that makes them is not there.
  return new Date(Number(timestamp.seconds) * 1000 + Math.floor((timestamp.nanos ?? 0) / 1e6));
}

/** ISO 8601. */
export function isoOf(timestamp: google.protobuf.ITimestamp | null | undefined): string | undefined {
  return timeOf(timestamp)?.toISOString();
}
