import type { ProgramName } from '../../../toolchain/manifest.ts';
import type { ResolvedProgram } from '../../../toolchain/resolved.ts';
import type { ImageLayout, Recipe } from '../layout.ts';
import { certificateEntries } from '../machine-files.ts';
import { baseEntries, searchPath } from './base.ts';

/** An image of one static program. `entrypoint`: where the official image has it. */
export function programRecipe<Name extends ProgramName>(name: Name, entrypoint: string): Recipe<Name> {
  return {
    programs: [name],
    layout: async (programs: Readonly<Record<Name, ResolvedProgram>>): Promise<ImageLayout> => ({
      version: programs[name].version,
      entries: [
        ...baseEntries(),
        { kind: 'copy', path: entrypoint.slice(1), from: programs[name].path, mode: 0o755 },
        ...certificateEntries(),
      ],
      defaults: { Env: [searchPath], Entrypoint: [entrypoint] },
    }),
  };
}
