import type { google } from '@temporalio/proto';

/** A 64-bit number may be passed as a JavaScript number, which its type does not allow. */
export function duration(seconds: number): google.protobuf.IDuration {
  return { seconds } as unknown as google.protobuf.IDuration;
}

/** Undefined for a time that the server did not set. */
export function timeOf(timestamp: google.protobuf.ITimestamp | null | undefined): Date | undefined {
  if (!timestamp?.seconds) return undefined;
  // 64-bit numbers come as objects, or as numbers where the package for those objects is missing.
  return new Date(Number(timestamp.seconds) * 1000 + Math.floor((timestamp.nanos ?? 0) / 1e6));
}

/** ISO 8601. */
export function isoOf(timestamp: google.protobuf.ITimestamp | null | undefined): string | undefined {
  return timeOf(timestamp)?.toISOString();
}
