import { findSpec, loadSpec } from '../../config/spec/load.ts';
import type { Spec } from '../../config/spec/schema/spec.ts';

/** The spec in a folder; undefined when it is missing or unreadable. */
export async function writtenSpec(folder: string | undefined): Promise<Spec | undefined> {
  if (folder === undefined) return undefined;
  try {
    return (await loadSpec(await findSpec(folder))).spec;
  } catch {
    return undefined;
  }
}
