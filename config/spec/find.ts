import { dirname, join, resolve } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { isThere } from '../../core/files.ts';

export const specFileName = 'coppice.yaml';

/** The `name:` of a spec as nearly all of them write it, without parsing it; empty where it is written otherwise. */
export function appNamed(text: string): string {
  return /^name:\s*["']?([a-z0-9-]+)/m.exec(text)?.[1] ?? '';
}

/**
 * The `name:` of a spec that is written so plainly that a parser of YAML reads the same: a document of plain keys at the
 * margin, with one word behind this one. Undefined for every other text, which has to be parsed.
 */
export function plainAppName(text: string): string | undefined {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  const margin = lines.filter((line) => !line.startsWith(' '));
  const named = lines.flatMap((line, at) => (line.startsWith('name:') ? [at] : []));
  const [at] = named;
  if (at === undefined || named.length > 1 || !margin.every((line) => /^[a-z]\w*:(?: |$)/i.test(line)))
    return undefined;
  // A value can go on in the next line.
  if (lines[at + 1]?.startsWith(' ')) return undefined;
  const [, name] = /^name: +([a-z][a-z0-9-]*)(?: +#.*)?$/.exec((lines[at] ?? '').trimEnd()) ?? [];
  return name === undefined || ['null', 'true', 'false'].includes(name) ? undefined : name;
}

/** The nearest coppice.yaml, from a folder up to the top of its git worktree. Throws COPPICE_NO_SPEC. */
export async function findSpec(from: string): Promise<string> {
  let folder = resolve(from);
  let misnamed: string | undefined;
  for (;;) {
    if (await isThere(join(folder, specFileName))) return join(folder, specFileName);
    if (await isThere(join(folder, 'coppice.yml'))) misnamed ??= join(folder, 'coppice.yml');
    const parent = dirname(folder);
    // `.git` is a folder, or a file in a linked worktree.
    if (parent === folder || (await isThere(join(folder, '.git')))) break;
    folder = parent;
  }
  throw new CoppiceError(
    'COPPICE_NO_SPEC',
    `no ${specFileName} in ${resolve(from)} or above it, up to ${folder}`,
    {
      hint: misnamed === undefined ? 'run `wt init` to write one' : `rename ${misnamed} to ${specFileName}`,
    },
  );
}
