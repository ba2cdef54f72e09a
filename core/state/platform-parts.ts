import { join } from 'node:path';
import { readJson, writeJson } from '../files.ts';
import type { OnDemandPart } from '../part-facts.ts';
import { paths } from '../paths.ts';

/** The parts that a platform has beyond those that are always there. */
export type PlatformParts = Readonly<Partial<Record<OnDemandPart, true>>>;

const file = () => join(paths().data, 'platform-parts.json');

/** Remembered beside the record of the cluster: `pulumi up` of the platform by hand must not take a part away. */
export async function readPlatformParts(): Promise<PlatformParts> {
  return (await readJson<PlatformParts>(file())) ?? {};
}

/** Adds parts to those that are remembered; returns all of them. */
export async function addPlatformParts(needs: readonly OnDemandPart[]): Promise<PlatformParts> {
  const before = await readPlatformParts();
  if (needs.every((part) => before[part])) return before;
  const after = { ...before, ...Object.fromEntries(needs.map((part) => [part, true] as const)) };
  await writeJson(file(), after);
  return after;
}
