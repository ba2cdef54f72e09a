import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { EnvironmentPlan } from './environment-plan.ts';
import type { Spec } from './schema.ts';

/** All that an environment was made of: when none of it changed, an `up` has nothing to do but look. */
export interface Content {
  readonly spec: Spec;
  /** HEAD is in it, as `identity.commit`. */
  readonly plan: EnvironmentPlan;
  /** Versions of what turns a plan into objects: this package, the provider, the platform. */
  readonly versions: Readonly<Record<string, string>>;
  /** uid of kube-system: the same content on another cluster is another environment. */
  readonly clusterUid: string;
  /** Absolute paths of files that the plan names, whose content matters (migrations, seed, lock file). */
  readonly files?: readonly string[];
}

/** 64 hex digits, independent of the order of keys and of `files`. A file that is not there counts as such. */
export async function contentHash(content: Content): Promise<string> {
  const { files = [], ...data } = content;
  const hash = createHash('sha256').update(canonicalJson(data));
  const sorted = [...new Set(files)].sort();
  const digests = await Promise.all(sorted.map(digestOf));
  for (const [index, file] of sorted.entries()) hash.update(`\0${file}\0${digests[index]}`);
  return hash.digest('hex');
}

async function digestOf(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  }
}

/** JSON with the keys of every map sorted, so that equal data give equal text. */
export function canonicalJson(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
