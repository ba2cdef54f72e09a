import type { ProgramStatus } from '../../../toolchain/toolchain.ts';
import { verb } from '../../define.ts';
import { table } from '../../ui/table.ts';

export const list = verb({
  usage: 'list',
  summary: 'every program, its version and where it comes from',
  about: 'Changes nothing.',
  run: async () => {
    const { listPrograms } = await import('../../../toolchain/toolchain.ts');
    const programs = await listPrograms();
    const missing = programs.filter(({ state }) => state === 'missing').length;
    return {
      text: [
        table(programs.filter(({ state }) => state !== 'other-system').map(line)),
        missing === 0 ? 'nothing is missing' : `${missing} missing: wt toolchain install`,
      ].join('\n'),
      json: { programs, missing },
    };
  },
});

/** What was passed over explains why a program is not this machine's own; one that is needs no explanation. */
function line({ name, version, state, source, detail, passedOver }: ProgramStatus): string[] {
  const notes =
    passedOver.length === 0 || source === 'path' ? '' : ` (passed over: ${passedOver.join('; ')})`;
  return [state === 'ready' ? '✓' : '·', name, version, `${detail}${notes}`];
}
