import { isMap } from '../yaml/data.ts';

/**
 * Applies a profile to the rest of the file: maps are merged key by key, all else (lists too) is replaced. Works on raw
 * data, so that the result is checked as a whole and defaults cannot hide the base's values.
 *
 * @internal Its test compares what it writes.
 */
export function mergeProfile(base: unknown, profile: unknown): unknown {
  if (profile === undefined) return base;
  if (!isMap(base) || !isMap(profile)) return profile;
  const keys = new Set([...Object.keys(base), ...Object.keys(profile)]);
  return Object.fromEntries([...keys].map((key) => [key, mergeProfile(own(base, key), own(profile, key))]));
}

/** The file without its profiles, with one of them applied. */
export function withProfile(file: Readonly<Record<string, unknown>>, profile: string): unknown {
  const { profiles, ...base } = file;
  return mergeProfile(base, isMap(profiles) ? own(profiles, profile) : undefined);
}

function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
