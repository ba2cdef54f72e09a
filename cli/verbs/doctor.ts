import type { Section } from '../../app/doctor/checks.ts';
import type { Check } from '../../core/check.ts';
import { ExitCode } from '../../core/errors.ts';
import type { SweepResult } from '../../core/sweep.ts';
import { flag, type Result, verb } from '../define.ts';
import { adviceFor } from '../ui/advice.ts';
import type { Colors } from '../ui/rows.ts';
import { sweepDocument, sweepLines } from '../ui/sweep.ts';

export const doctor = verb({
  usage: 'doctor',
  summary: 'check everything at once and show what to do',
  about:
    'Changes nothing without --fix. Ends with 1 when something is wrong; each problem comes with the next command.',
  examples: [['wt doctor', 'when something looks wrong']],
  options: {
    fix: flag('first remove what removed environments left behind on the shared servers'),
  },
  run: async (_, { fix }, ports) => {
    const [{ checkEverything }, { sweepParts }, { terminalColors }] = await Promise.all([
      import('../../app/doctor/checks.ts'),
      import('../../app/platform/sweeps.ts'),
      import('../ui/terminal.ts'),
    ]);
    const sweep = fix ? await sweepParts(ports) : undefined;
    return doctorReport(await checkEverything(ports), sweep, terminalColors(ports.terminal.color));
  },
});

/**
 * `sweep`: what `--fix` removed first.
 *
 * @internal Exported for its test, which reads the text without a server.
 */
export function doctorReport(
  found: readonly Section[],
  sweep: SweepResult | undefined,
  paint: Colors,
): Result {
  const sections = found.map(({ title, checks }) => ({ title, checks: checks.map(withAdvice) }));
  const checks = sections.flatMap(({ checks }) => checks);
  const wrong = checks.filter(({ ok }) => !ok).length;
  const width = Math.max(...checks.map(({ name }) => name.length));
  return {
    text: [
      ...(sweep ? sweepLines(sweep) : []),
      ...sections.flatMap(({ title, checks }) => [
        paint.bold(title),
        ...checks.flatMap((check) => checkLines(check, width, paint)),
      ]),
      wrong === 0 ? 'nothing is wrong' : `${wrong} of ${checks.length} are wrong`,
    ].join('\n'),
    json: { ok: wrong === 0, sections, ...(sweep && { fixed: sweepDocument(sweep) }) },
    exitCode: wrong === 0 ? ExitCode.ok : ExitCode.problem,
  };
}

function withAdvice({ fix, ...check }: Check): Check {
  return fix === undefined ? check : { ...check, fix: adviceFor(fix) };
}

function checkLines({ name, ok, detail, fix }: Check, width: number, paint: Colors): string[] {
  return [
    `  ${ok ? paint.green('✓') : paint.red('✗')} ${name.padEnd(width)}  ${detail}`,
    ...(ok || fix === undefined ? [] : [`    ${' '.repeat(width)}  try: ${fix}`]),
  ];
}
