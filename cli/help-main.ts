import { version } from '../app/version.ts';
import { parse } from './program.ts';

/**
 * The help or version that a command line asks for; undefined where it asks for something else, or is wrong: then the
 * whole program reports that. In a bundle of its own, without the verbs' code, so that it is there at once.
 */
export function helpText(argv: readonly string[]): string | undefined {
  try {
    const request = parse(argv, version());
    return request.kind === 'text' ? request.text : undefined;
  } catch {
    return undefined;
  }
}
