import type { Command } from '../../../app/ports.ts';
import { CoppiceError, ExitCode } from '../../../core/errors.ts';
import { duration } from '../../../core/text/duration.ts';
import {
  ensurePrograms,
  listPrograms,
  type ProgramName,
  type ProgramStatus,
  programNames,
} from '../../../toolchain/toolchain.ts';
import { table } from '../../ui/table.ts';

type Nothing = Readonly<Record<string, never>>;

export const toolchainList: Command<Nothing> = async () => {
  const programs = await listPrograms();
  const missing = programs.filter(({ state }) => state === 'missing').length;
  return {
    text: [
      table(programs.filter(({ state }) => state !== 'other-system').map(line)),
      missing === 0 ? 'nothing is missing' : `${missing} missing: wt toolchain install`,
    ].join('\n'),
    json: { programs, missing },
  };
};

function line({ name, version, state, detail, passedOver }: ProgramStatus): string[] {
  const notes = passedOver.length === 0 ? '' : ` (passed over: ${passedOver.join('; ')})`;
  return [state === 'ready' ? '✓' : '·', name, version, `${detail}${notes}`];
}

export const toolchainInstall: Command<{ readonly programs: readonly string[] }> = async (
  { programs },
  ports,
) => {
  const names = programs.length > 0 ? programs.map(known) : await ofThisSystem();
  const installed = await ports.phases.measure('toolchain', () =>
    ensurePrograms(names, { progress: ports.screen }),
  );
  const list = Object.values(installed);
  return {
    text: `${list.length} programs are there (${duration(ports.phases.total)})`,
    json: { programs: list, timings: ports.phases.list },
  };
};

async function ofThisSystem(): Promise<ProgramName[]> {
  const programs = await listPrograms();
  return programs.filter(({ state }) => state !== 'other-system').map(({ name }) => known(name));
}

function known(name: string): ProgramName {
  const found = programNames.find((program) => program === name);
  if (found) return found;
  throw new CoppiceError('COPPICE_USAGE', `${name} is no program of the toolchain`, {
    hint: `one of ${programNames.join(', ')}`,
    exitCode: ExitCode.usage,
  });
}
