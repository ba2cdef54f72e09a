import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Identity } from '../../config/plan.ts';
import { paths } from '../../state/paths.ts';
import { programText } from '../version.ts';

/** Everything that a plan is made of, besides the files that are read here. */
export interface ContentInputs {
  readonly identity: Identity;
  /** Absolute path of coppice.yaml. */
  readonly specFile: string;
  readonly profile: string;
  readonly as?: string | undefined;
}

/**
 * A hash over all that decides what an environment is: the text of the spec and of its Pulumi project, HEAD and branch,
 * settings, the record of the cluster and this program itself. The plan follows from these, so equal hashes need no plan to be compared: not
 * parsing the spec is what makes an unchanged `up` quick.
 */
export function contentHash({ identity, specFile, profile, as }: ContentInputs): string {
  const hash = createHash('sha256');
  const add = (name: string, value: string) => hash.update(`${name}\0${value.length}\0${value}\0`);
  for (const [name, value] of Object.entries(identity).sort(([a], [b]) => a.localeCompare(b)))
    add(name, String(value));
  add('spec file', specFile);
  add('profile', profile);
  add('as', as ?? '');
  add('program', programText());
  const { settings, clusterRecord } = paths();
  const project = ['Pulumi.yaml', 'infra/Pulumi.yaml', 'infra/index.js'].map((file) =>
    join(dirname(specFile), file),
  );
  for (const file of [specFile, settings, clusterRecord, ...project]) add(file, textOrEmpty(file));
  return hash.digest('hex');
}

function textOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
