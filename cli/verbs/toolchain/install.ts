import { CoppiceError } from '../../../core/errors.ts';
import { duration } from '../../../core/text/duration.ts';
import type { ProgramName } from '../../../toolchain/toolchain.ts';
import { verb } from '../../define.ts';

type Toolchain = typeof import('../../../toolchain/toolchain.ts');

export const install = verb({
  usage: 'install [program...]',
  summary: 'install what is missing, or the named programs',
  about: 'Two at once share the work. Ctrl+C ends downloads and builds; finished ones stay.',
  run: async (programs, _, ports) => {
    const toolchain = await import('../../../toolchain/toolchain.ts');
    const names =
      programs.length > 0
        ? programs.map((name) => programNamed(name, toolchain))
        : await programsOfThisSystem(toolchain);
    const installed = await ports.phases.measure('toolchain', () =>
      toolchain.ensurePrograms(names, { progress: ports.screen }),
    );
    const list = Object.values(installed);
    return {
      text: `${list.length} programs are installed (${duration(ports.phases.total)})`,
      json: { programs: list, timings: ports.phases.list },
    };
  },
});

async function programsOfThisSystem(toolchain: Toolchain): Promise<ProgramName[]> {
  const programs = await toolchain.listPrograms();
  return programs
    .filter(({ state }) => state !== 'other-system')
    .map(({ name }) => programNamed(name, toolchain));
}

function programNamed(name: string, { programNames }: Toolchain): ProgramName {
  const found = programNames.find((program) => program === name);
  if (found) return found;
  throw new CoppiceError('COPPICE_USAGE', `the toolchain has no program ${name}`, {
    hint: `one of ${programNames.join(', ')}`,
  });
}
