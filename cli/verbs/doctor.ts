import type { Check } from '../../app/doctor/check.ts';
import { checkEverything } from '../../app/doctor/checks.ts';
import { type Swept, together } from '../../app/platform/sweep-result.ts';
import type { Command, Ports } from '../../app/ports.ts';
import { ExitCode } from '../../core/errors.ts';
import { terminalColors } from '../ui/terminal.ts';

export interface DoctorArgs {
  /** Removes what is certainly not needed any more, then looks. */
  readonly fix: boolean;
}

/** Everything that can be wrong, looked at all at once; each problem with what to do. */
export const doctor: Command<DoctorArgs> = async ({ fix }, ports) => {
  const swept = fix ? await sweepEverything(ports) : undefined;
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
    text: [...(swept ? sweptLines(swept) : []), text, end].join('\n'),
    json: { ok: wrong.length === 0, sections, ...(swept && { fixed: swept }) },
    exitCode: wrong.length === 0 ? ExitCode.ok : ExitCode.problem,
  };
};

async function sweepEverything(ports: Ports): Promise<Swept> {
  const [{ sweepDatabases }, { sweepTemporal }] = await Promise.all([
    import('../../app/databases/sweep.ts'),
    import('../../app/workflows/sweep.ts'),
  ]);
  return together(await Promise.all([sweepDatabases(ports), sweepTemporal(ports)]));
}

export function sweptLines({ done, kept, problem }: Swept): string[] {
  const lines = [...done, ...kept];
  if (problem !== undefined)
    lines.push(`${lines.length === 0 ? 'nothing' : 'not all'} was removed: ${problem}`);
  return lines.length === 0 ? ['there was nothing to remove'] : lines;
}
