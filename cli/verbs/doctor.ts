import { checkEverything } from '../../app/doctor/checks.ts';
import { sweepParts } from '../../app/platform/sweeps.ts';
import type { Command } from '../../app/ports.ts';
import type { Check } from '../../core/check.ts';
import { ExitCode } from '../../core/errors.ts';
import { sweepDocument, sweepLines } from '../ui/sweep.ts';
import { terminalColors } from '../ui/terminal.ts';

export interface DoctorArgs {
  /** Removes what is certainly not needed any more, then looks. */
  readonly fix: boolean;
}

/** Everything that can be wrong, looked at all at once; each problem with what to do. */
export const doctor: Command<DoctorArgs> = async ({ fix }, ports) => {
  const sweep = fix ? await sweepParts(ports) : undefined;
  const sections = await checkEverything(ports);
  const checks = sections.flatMap((section) => section.checks);
  const wrong = checks.filter(({ ok }) => !ok);
  const paint = terminalColors(ports.terminal.color);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const line = ({ name, ok, detail, fix }: Check) =>
    [
      `  ${ok ? paint.green('✓') : paint.red('✗')} ${name.padEnd(width)}  ${detail}`,
      ...(ok || fix === undefined ? [] : [`    ${' '.repeat(width)}  try: ${fix}`]),
    ].join('\n');
  const text = sections
    .map(({ title, checks }) => [paint.bold(title), ...checks.map(line)].join('\n'))
    .join('\n');
  const end = wrong.length === 0 ? 'nothing is wrong' : `${wrong.length} of ${checks.length} are wrong`;
  return {
    text: [...(sweep ? sweepLines(sweep) : []), text, end].join('\n'),
    json: { ok: wrong.length === 0, sections, ...(sweep && { fixed: sweepDocument(sweep) }) },
    exitCode: wrong.length === 0 ? ExitCode.ok : ExitCode.problem,
  };
};
