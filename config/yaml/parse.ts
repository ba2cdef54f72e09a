import { parse, parseDocument } from 'yaml';
import { isMap } from './data.ts';

export { parse, parseDocument };

/** Whether a text is YAML without mistakes, and a map of keys and values. */
export function isYamlMap(text: string): boolean {
  try {
    return isMap(parse(text, { merge: true, stringKeys: true, logLevel: 'error' }));
  } catch {
    return false;
  }
}
