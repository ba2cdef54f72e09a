import { closest, distance } from 'fastest-levenshtein';

/** The candidate that a typo may have meant: few of its letters differ, or only their order. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const lower = word.toLowerCase();
  // Two swapped letters are the commonest typo and count as two: too many for a short word.
  const letters = (text: string) => [...text.toLowerCase()].sort().join('');
  const sameLetters = candidates.find((candidate) => letters(candidate) === letters(word));
  if (sameLetters !== undefined) return sameLetters;
  const best = closest(lower, [...candidates]);
  const allowed = best.length < 4 ? 1 : Math.max(2, Math.floor(best.length / 3));
  return distance(lower, best) <= allowed ? best : undefined;
}

/** `did you mean "port"?`, or the list of candidates. */
export function didYouMean(word: string, candidates: readonly string[], what: string): string {
  const best = nearest(word, candidates);
  if (best !== undefined) return `did you mean "${best}"?`;
  return candidates.length === 0 ? `there are no ${what}` : `${what}: ${candidates.join(', ')}`;
}
