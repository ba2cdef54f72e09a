import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { findSpec } from '../../config/spec/find.ts';
import { isMap } from '../../config/yaml/data.ts';
import { identify } from '../../git/identity.ts';
import { findWorktreeOnly, listWorktrees } from '../../git/worktrees.ts';

/** Names under `services:` of the nearest coppice.yaml: its keys only, so that a spec with mistakes has them too. */
export async function servicesHere(environment: string | undefined, cwd: string): Promise<readonly string[]> {
  const file = await findSpec(environment === undefined ? cwd : await sameFolderOf(environment, cwd));
  const data: unknown = parse(await readFile(file, 'utf8'), { logLevel: 'silent' });
  const services = isMap(data) ? data.services : undefined;
  return isMap(services) ? Object.keys(services) : [];
}

/** Another worktree's spec is at the same place below its top. */
async function sameFolderOf(environment: string, cwd: string): Promise<string> {
  const worktree = await findWorktreeOnly(await listWorktrees(cwd), environment, cwd);
  if (worktree === undefined) return cwd;
  return resolve(worktree.path, relative((await identify(cwd)).worktree, cwd));
}
