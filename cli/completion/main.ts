import type { Candidate } from '../../app/shell/git-candidates.ts';
import { questionOf } from './answer.ts';
import { candidatesOf } from './candidates.ts';
import { expectedAt } from './expected.ts';

/**
 * Answers `wt __complete SHELL …`: the first line says whether the shell offers words, files or folders, the others are
 * the words. It fails without a word, as a message would end up in the middle of what a person types.
 */
export async function complete(argv: readonly string[]): Promise<void> {
  try {
    process.stdout.write(await answer(argv));
  } catch {
    process.exitCode = 1;
  }
}

async function answer(argv: readonly string[]): Promise<string> {
  const { words, current, line } = questionOf(argv);
  const expected = expectedAt(words, current);
  const value = current.slice(expected.before.length);
  const { kind, candidates } = await candidatesOf(expected, value);
  const matching = candidates
    .filter(({ word }) => word.startsWith(value) && !expected.taken.includes(word))
    .map((candidate): Candidate => ({ ...candidate, word: expected.before + candidate.word }))
    .flatMap((candidate) => line(candidate) ?? []);
  return [kind, ...matching].map((text) => `${text}\n`).join('');
}
