import { findSpec, loadSpec } from '../../config/spec/load.ts';
import { CoppiceError } from '../../core/errors.ts';
import { joiningNames, type OnDemandPart, partsNamed } from '../../core/part-facts.ts';
import { partsFor } from '../../platform/parts.ts';

/**
 * The parts for `wt platform up`: the named ones, and those that the spec in the current folder needs. `named`: names
 * with commas between them. Outside of a repository, or with an unreadable spec, only the first. Throws COPPICE_USAGE
 * for an unknown part.
 */
export async function partsAskedFor(named: string | undefined, cwd: string): Promise<OnDemandPart[]> {
  const wanted = (named ?? '').split(',').filter(Boolean).flatMap(partsOf);
  const inSpec = await findSpec(cwd)
    .then((file) => loadSpec(file))
    .then(({ spec }) => partsFor(spec))
    .catch(() => []);
  return [...new Set([...wanted, ...inSpec])];
}

function partsOf(name: string): readonly OnDemandPart[] {
  const parts = partsNamed(name);
  if (parts.length > 0) return parts;
  throw new CoppiceError('COPPICE_USAGE', `the platform has no part ${name}`, {
    hint: `parts: ${joiningNames.join(', ')}`,
  });
}
