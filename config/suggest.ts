import { closest, distance } from 'fastest-levenshtein';

/** The candidate that a typing mistake may have meant: at most a third of its letters differ. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const lower = word.toLowerCase();
  const sameLetters = candidates.find((candidate) => candidate.toLowerCase() === lower);
  if (sameLetters !== undefined) return sameLetters;
  const best = closest(lower, [...candidates]);
  return distance(lower, best) <= Math.max(1, Math.floor(best.length / 3)) ? best : undefined;
}

/** `did you mean "port"?`, or the list of what there is. */
export function didYouMean(word: string, candidates: readonly string[], what: string): string {
  const best = nearest(word, candidates);
  if (best !== undefined) return `did you mean "${best}"?`;
  return candidates.length === 0 ? `there are no ${what}` : `${what}: ${candidates.join(', ')}`;
}
