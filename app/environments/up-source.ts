import { dirname } from 'node:path';
import { appNamed, findSpec } from '../../config/spec/find.ts';
import { defined } from '../../core/defined.ts';
import { readIfPresent } from '../../core/files.ts';
import type { Identity } from '../../core/identity.ts';
import { slugOf } from '../../core/names.ts';
import { identify } from '../../git/identity.ts';
import type { Target } from '../target/target.ts';
import { contentHash } from './content-hash.ts';
import { readRecord } from './record.ts';

/** What an `up` reads from, before anything is parsed or queried. */
export interface UpSource {
  readonly identity: Identity;
  readonly specFile: string;
  /** Absolute path of the folder that holds coppice.yaml. */
  readonly specFolder: string;
  readonly profile: string;
  readonly as?: string;
  readonly contentHash: string;
  /** App and slug as far as they are known without checking the spec: enough to find a record, no more. */
  readonly likely: { readonly app: string; readonly slug: string };
}

/** Throws COPPICE_NO_SPEC, COPPICE_NO_WORKTREE, and what git throws. */
export async function upSourceOf(target: Target, cwd: string): Promise<UpSource> {
  const { folder, as } =
    target.environment === undefined
      ? { folder: cwd, as: target.as }
      : await (await import('../target/target.ts')).sourceOf(target, cwd);
  const [identity, specFile] = await Promise.all([identify(folder), specFileIn(folder, target, cwd)]);
  const profile = 'local';
  const likely = { app: await likelyApp(specFile), slug: as ?? slugOf(identity.branch) };
  const watched = (await readRecord(likely.app, likely.slug))?.watched;
  return {
    identity,
    specFile,
    specFolder: dirname(specFile),
    profile,
    ...defined({ as }),
    contentHash: await contentHash({ identity, specFile, profile, as, watched }),
    likely,
  };
}

async function specFileIn(folder: string, target: Target, cwd: string): Promise<string> {
  try {
    return await findSpec(folder);
  } catch (error) {
    // The same answer as that of all other verbs, where they have none either.
    await (await import('../target/target.ts')).nameEnvironment(target, cwd);
    throw error;
  }
}

/**
 * The name as nearly every spec writes it. Parsing and checking take longer than the rest of a quick answer; a spec
 * that writes it differently only misses that answer, as the content hash decides.
 */
async function likelyApp(specFile: string): Promise<string> {
  const text = (await readIfPresent(specFile)) ?? '';
  return appNamed(text);
}
