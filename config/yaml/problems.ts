import { relative } from 'node:path';
import { CoppiceError, type ErrorCode } from '../../core/errors.ts';

/** One mistake in a file that a person wrote, as data: `--json` prints it unchanged. */
export interface Problem {
  /** Absolute path. */
  readonly file: string;
  /** Both count from 1; a column is one UTF-16 unit, as in editors. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
  /** The whole line of the file, and how much of it the caret underlines. */
  readonly source: string;
  readonly length: number;
}

/** Everything that is wrong with one file, found in one run. `message` contains it all, readable and without colour. */
export class FileError extends CoppiceError {
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, problems: readonly Problem[], hint?: string) {
    const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
    super(code, renderProblems(sorted), hint === undefined ? {} : { hint });
    this.name = 'FileError';
    this.problems = sorted;
  }
}

/** Code `COPPICE_SPEC`: the problems of a coppice.yaml. */
export class SpecError extends FileError {
  constructor(problems: readonly Problem[]) {
    super('COPPICE_SPEC', problems);
    this.name = 'SpecError';
  }
}

/** How to colour the parts of a problem; plain when absent. */
export interface Paint {
  readonly place?: (text: string) => string;
  readonly message?: (text: string) => string;
  readonly caret?: (text: string) => string;
  readonly hint?: (text: string) => string;
}

/**
 * `3 problems in coppice.yaml`, then each with `file:line:column`, the source line, a caret under the place, the hint.
 *
 * @internal Its test compares what it writes.
 */
export function renderProblems(problems: readonly Problem[], cwd = process.cwd(), paint: Paint = {}): string {
  const first = problems[0];
  if (first === undefined) return 'no problems';
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const blocks = problems.map((problem) => renderProblem(problem, cwd, paint));
  return [`${count} in ${shortPath(first.file, cwd)}`, ...blocks].join('\n\n');
}

function renderProblem(problem: Problem, cwd: string, paint: Paint): string {
  const plain = (text: string) => text;
  const { place = plain, message = plain, caret = plain, hint = plain } = paint;
  const number = String(problem.line);
  const gutter = ' '.repeat(number.length);
  // A tab stays a tab, so that the caret stands below its place however wide the terminal draws tabs.
  const indent = problem.source.slice(0, problem.column - 1).replace(/[^\t]/g, ' ');
  const lines = [
    `${place(`${shortPath(problem.file, cwd)}:${problem.line}:${problem.column}`)} ${message(printable(problem.message))}`,
    ` ${number} | ${printable(problem.source)}`,
    ` ${gutter} | ${indent}${caret('^'.repeat(problem.length))}`,
  ];
  if (problem.hint !== undefined) lines.push(` ${gutter} = ${hint(printable(problem.hint))}`);
  return lines.join('\n');
}

/** Nothing in a file may control the terminal that shows it. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, '\uFFFD');
}

/** Relative to the current folder if that is shorter, absolute above it. */
function shortPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
