import { join } from 'node:path';
import type { PackageManagerName } from '../../../config/packages/install-command.ts';
import { findSpec } from '../../../config/spec/find.ts';
import { CoppiceError } from '../../../core/errors.ts';
import { readIfPresent } from '../../../core/files.ts';
import { slugOf } from '../../../core/names.ts';
import { identify } from '../../../git/identity.ts';
import { writeCopied } from '../../environments/copied-packages.ts';
import type { Ports } from '../../ports.ts';
import type { Project } from './projects.ts';
import { installScripts } from './scripts.ts';

/** What installing does besides packages. */
export interface Unfinished {
  /** Scripts of package.json that it would have run. */
  readonly scripts: readonly string[];
  /** Nothing is left of `setup:` either, and `wt up` knows; false also where there is no coppice.yaml. */
  readonly setupDone: boolean;
}

/** Notes for `wt up` what is left of `setup:` once packages have been copied. */
export async function finishSetup({ folder, kind }: Project, to: string, ports: Ports): Promise<Unfinished> {
  const place = join(to, folder);
  const isOfNode = kind.nested;
  const scripts = isOfNode ? await installScripts(place) : [];
  const identity = await identify(to);
  if (isOfNode) {
    const manager = kind.manager as PackageManagerName;
    const workspace = manager !== 'npm' && (await isWorkspace(place));
    const copied = scripts.length > 0 || workspace ? { manager, scripts, workspace } : undefined;
    await writeCopied({ identity, folder: place }, copied);
  }
  return { scripts, setupDone: await isSetupDone(place, ports, identity) };
}

async function isWorkspace(project: string): Promise<boolean> {
  const manifest = (await readIfPresent(join(project, 'package.json'))) ?? '';
  const pnpm = (await readIfPresent(join(project, 'pnpm-workspace.yaml'))) ?? '';
  return /"workspaces"\s*:/.test(manifest) || /^packages\s*:/m.test(pnpm);
}

async function isSetupDone(
  folder: string,
  ports: Ports,
  identity: Awaited<ReturnType<typeof identify>>,
): Promise<boolean> {
  try {
    const file = await findSpec(folder);
    const [{ loadSpec }, { recordIfDone }] = await Promise.all([
      import('../../../config/spec/load.ts'),
      import('../../environments/setup.ts'),
    ]);
    const { spec, folder: place } = await loadSpec(file);
    const setup = {
      app: spec.name,
      slug: slugOf(identity.branch),
      identity,
      folder: place,
      commands: spec.setup,
    };
    return await recordIfDone(setup, ports);
  } catch (error) {
    // No coppice.yaml, or one with mistakes, which `wt up` names.
    if (error instanceof CoppiceError && error.code !== 'COPPICE_INTERRUPTED') return false;
    throw error;
  }
}
