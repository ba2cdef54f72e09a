import { findSpec, loadSpec } from '../../config/spec/load.ts';
import { CoppiceError } from '../../core/errors.ts';
import { type OnDemandPart, onDemandParts } from '../../core/part-facts.ts';
import { partsFor } from '../../platform/parts.ts';

/**
 * The parts for `wt platform up`: the named one, and those that the spec in the current folder needs. Outside of a
 * repository, or with an unreadable spec, only the first. Throws COPPICE_USAGE for an unknown part.
 */
export async function partsAskedFor(named: string | undefined, cwd: string): Promise<OnDemandPart[]> {
  const part = onDemandParts.find((name) => name === named);
  if (named !== undefined && part === undefined) {
    throw new CoppiceError('COPPICE_USAGE', `the platform has no part ${named}`, {
      hint: `parts: ${onDemandParts.join(', ')}`,
    });
  }
  const inSpec = await findSpec(cwd)
    .then((file) => loadSpec(file))
    .then(({ spec }) => partsFor(spec))
    .catch(() => []);
  return [...new Set([...(part === undefined ? [] : [part]), ...inSpec])];
}
