import { paths } from '../../core/paths.ts';
import { excludeFromGit } from '../../git/exclude.ts';
import { identify } from '../../git/identity.ts';
import { enginePrograms, ensurePrograms, program } from '../../toolchain/toolchain.ts';
import type { Ports } from '../ports.ts';
import { prepareState, pulumiVariables } from './environment-variables.ts';
import { isOnPath, linkProgram, moduleFolders, writeWrappers } from './hand-tools.ts';
import { ensureEngine } from './programs.ts';

/** Variables for `wt`, `pulumi` and `kubectl` in a shell: none depends on a branch or a folder. */
export interface ShellEnvironment {
  /** Folders for PATH. */
  readonly path: readonly string[];
  /** Folders for NODE_PATH. */
  readonly nodePath: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** Installs the programs and links them into the folder for PATH. Throws what the toolchain throws. */
export async function prepareShell(ports: Ports): Promise<ShellEnvironment> {
  const places = paths();
  const { pulumi } = await ensureEngine(ports.screen);
  const programs = await ensurePrograms(['kubectl', 'gateway-api-crds'], { progress: ports.screen });
  await prepareState(places);
  await writeWrappers();
  await linkProgram(pulumi, 'pulumi');
  if (!isOnPath('kubectl', ports.env)) await linkProgram(programs.kubectl.path, 'kubectl');
  await keepStackFilesOut(ports.cwd);
  return {
    path: [places.bin],
    nodePath: moduleFolders(),
    // The last is for `pulumi up` of the platform, in coppice's own folder.
    variables: { ...pulumiVariables(places), COPPICE_GATEWAY_API: programs['gateway-api-crds'].path },
  };
}

/** {@link prepareShell} where its programs are there already, for a line in an rc file; undefined where one is missing. */
export async function presentShell(ports: Ports): Promise<ShellEnvironment | undefined> {
  const needed = [...enginePrograms, 'kubectl', 'gateway-api-crds'] as const;
  return needed.every((name) => program(name) !== undefined) ? prepareShell(ports) : undefined;
}

/** `pulumi` by hand writes Pulumi.<stack>.yaml beside Pulumi.yaml: it must not be committed by accident. */
async function keepStackFilesOut(cwd: string): Promise<void> {
  const identity = await identify(cwd).catch(() => undefined);
  if (identity) await excludeFromGit(identity.repository, 'Pulumi.*.yaml');
}
