import { join } from 'node:path';
import { writeJson } from '../files.ts';
import type { OnDemandPart } from '../part-facts.ts';
import { paths, platformFiles } from '../paths.ts';
import { readState, type StateFile } from './state-file.ts';

/** The parts of a platform beyond those that are always there. */
export type PlatformParts = Readonly<Partial<Record<OnDemandPart, true>>>;

const file = () => join(paths().data, platformFiles.parts);

const partsFile: StateFile = {
  what: "the list of the platform's parts",
  fields: {},
  afterwards:
    '`wt platform up --with postgres,temporal,telemetry` writes it again; name every part that you use',
};

/** Stored beside the record of the cluster: a manual `pulumi up` of the platform must not remove a part. */
export async function readPlatformParts(): Promise<PlatformParts> {
  return (await readState<PlatformParts>(file(), partsFile)) ?? {};
}

/** Adds parts to the stored ones; returns all of them. */
export async function addPlatformParts(needs: readonly OnDemandPart[]): Promise<PlatformParts> {
  const before = await readPlatformParts();
  if (needs.every((part) => before[part])) return before;
  const after = { ...before, ...Object.fromEntries(needs.map((part) => [part, true] as const)) };
  await writeJson(file(), after);
  return after;
}
