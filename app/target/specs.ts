import { dirname, join, relative } from 'node:path';
import { findSpec, plainAppName, specFileName } from '../../config/spec/find.ts';
import { readIfPresent } from '../../core/files.ts';
import { isName } from '../../core/names.ts';
import { filesNamed } from '../../git/files.ts';

/** An app by its coppice.yaml. */
export interface AppSpec {
  readonly app: string;
  /** Absolute path of the folder of its coppice.yaml. */
  readonly folder: string;
}

/** The app of the nearest spec, even when something else in it is wrong; undefined without one. */
export async function nearestApp(folder: string): Promise<AppSpec | undefined> {
  try {
    return await appIn(await findSpec(folder));
  } catch {
    return undefined;
  }
}

/** Every app with a coppice.yaml in a worktree, the nearest to its top first. */
export async function appsIn(worktree: string): Promise<AppSpec[]> {
  const files = await filesNamed(worktree, specFileName);
  const found = await Promise.all(files.map((file) => appIn(join(worktree, file))));
  const depth = ({ folder }: AppSpec) => relative(worktree, folder).split('/').length;
  return found.flatMap((spec) => spec ?? []).sort((one, other) => depth(one) - depth(other));
}

async function appIn(file: string): Promise<AppSpec | undefined> {
  try {
    const text = (await readIfPresent(file)) ?? '';
    const name = plainAppName(text) ?? (await parsedAppName(text));
    return typeof name === 'string' && isName(name) ? { app: name, folder: dirname(file) } : undefined;
  } catch {
    return undefined;
  }
}

/** The parser of YAML takes longer to load than most verbs that ask for a name may take. */
async function parsedAppName(text: string): Promise<unknown> {
  const { parseDocument } = await import('../../config/yaml/parse.ts');
  return parseDocument(text).get('name');
}
