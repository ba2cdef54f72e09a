import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal digits: all 64, or the first few. */
export function sha256(data: string | Uint8Array, digits = 64): string {
  return createHash('sha256').update(data).digest('hex').slice(0, digits);
}

/** 16 hexadecimal digits over plain data, independent of the order of its keys. */
export function hashOf(value: unknown): string {
  return sha256(JSON.stringify(sorted(value)), 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
