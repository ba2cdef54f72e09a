import { parseSpec } from '../../../../config/spec/load.ts';
import { type Problem, SpecError } from '../../../../config/yaml/problems.ts';

/** What is wrong with a spec; nothing when it is right. */
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
