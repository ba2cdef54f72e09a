import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Whether a program may import packages as ES modules: a hook for those costs a thread, which a program of CommonJS
 * need not pay. Undefined is a program from standard input or `--eval`.
 */
export function importsModules(program: string | undefined): boolean {
  if (program === undefined) return false;
  if (/\.[cC][jt]s$/.test(program)) return false;
  if (/\.[jt]sx?$/.test(program) && typeOf(dirname(program)) === 'commonjs') return false;
  // Without a type, node decides by the text, as here: https://nodejs.org/api/packages.html#syntax-detection
  return !/\.js$/.test(program) || typeOf(dirname(program)) === 'module' || hasModuleSyntax(program);
}

function hasModuleSyntax(program: string): boolean {
  try {
    return /^\s*(import\b(?!\s*\()|export\b)/m.test(readFileSync(program, 'utf8'));
  } catch {
    return true;
  }
}

/** `type` of the nearest package.json. */
function typeOf(folder: string): unknown {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { type?: unknown }).type;
  } catch {
    const above = dirname(folder);
    return above === folder ? undefined : typeOf(above);
  }
}
