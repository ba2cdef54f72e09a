import { findSpec, loadSpec } from '../../config/spec/load.ts';
import { CoppiceError } from '../../core/errors.ts';
import { type OnDemandPart, onDemandParts } from '../../core/part-facts.ts';

/** What a spec may say of its database that decides whether the platform has to bring a server. */
interface DatabaseSection {
  readonly engine?: string;
  readonly server?: string;
}

/** What it may say of Temporal that decides the same. */
interface TemporalSection {
  readonly server?: string;
}

interface Sections {
  readonly database?: DatabaseSection | undefined;
  readonly temporal?: TemporalSection | undefined;
}

/** The parts of the platform that a spec asks for. */
export function partsOf({ database, temporal }: Sections): OnDemandPart[] {
  const needs: Readonly<Record<OnDemandPart, boolean>> = {
    postgres: isOurs(database) && database?.engine !== 'sqlite',
    temporal: isOurs(temporal),
  };
  return onDemandParts.filter((part) => needs[part]);
}

function isOurs(section: TemporalSection | undefined): boolean {
  return section !== undefined && (section.server ?? 'platform') === 'platform';
}

/**
 * The parts for `wt platform up`: the one that was named, and those of the spec of the current folder. Outside of a
 * repository, or with a spec that cannot be read, only the first. Throws COPPICE_USAGE for a part that there is not.
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
    .then(({ spec }) => partsOf(spec))
    .catch(() => []);
  return [...new Set([...(part === undefined ? [] : [part]), ...inSpec])];
}
