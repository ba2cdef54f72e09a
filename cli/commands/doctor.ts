import { ExitCode } from '../../config/errors.ts';
import type { Check } from '../doctor/check.ts';
import { checkEverything } from '../doctor/checks.ts';
import type { Command } from '../ports.ts';
import { terminalColors } from '../ui/terminal.ts';

type Nothing = Readonly<Record<string, never>>;

/** Everything that can be wrong, looked at all at once; each problem with what to do. */
export const doctor: Command<Nothing> = async (_, ports) => {
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
    text: `${text}\n${end}`,
    json: { ok: wrong.length === 0, sections },
    exitCode: wrong.length === 0 ? ExitCode.ok : ExitCode.problem,
  };
};
