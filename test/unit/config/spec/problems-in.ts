import { parseSpec } from '../../../../config/spec/load.ts';
import { type Problem, SpecError } from '../../../../config/yaml/problems.ts';

/** The problems of a spec; none if it is valid. */
export function problemsIn(text: string, file = '/shop/coppice.yaml'): readonly Problem[] {
  try {
    parseSpec(text, { file });
    return [];
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    throw error;
  }
}

/** The messages alone. */
export function messagesIn(text: string): string[] {
  return problemsIn(text).map((problem) => problem.message);
}
