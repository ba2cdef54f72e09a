import { CoppiceError } from '../../core/errors.ts';
import { readIfPresent } from '../../core/files.ts';

/** Lines that report a build's progress, not what is wrong with it. */
const chatter = [
  /^go: downloading /,
  /^[\w.~-]+(\/[\w.~-]+)*$/,
  /^\$ /,
  /^\s*$/,
  /^Get:\d+ /,
  /^Hit:\d+ /,
  /^WARNING: Running pip as/,
];
const SHOWN_LINES = 10;

/**
 * The last lines of a log that may contain a reason.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function usefulLines(log: string): string[] {
  return log
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !chatter.some((pattern) => pattern.test(line)))
    .slice(-SHOWN_LINES);
}

/** COPPICE_BUILD: names the programs, the reason and the log. */
export async function buildFailure(
  names: readonly string[],
  what: string,
  log: string,
): Promise<CoppiceError> {
  const lines = usefulLines((await readIfPresent(log)) ?? '');
  const reason = lines.length > 0 ? lines.map((line) => `  ${line}`).join('\n') : '  (it printed nothing)';
  return new CoppiceError('COPPICE_BUILD', `${names.join(', ')}: ${what} failed\n${reason}`, {
    hint: `the whole log is in ${log}`,
  });
}
