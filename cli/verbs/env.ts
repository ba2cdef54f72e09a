import { prepareState, pulumiVariables } from '../../app/engine/environment-variables.ts';
import { isOnPath, linkProgram, moduleFolders, writeWrappers } from '../../app/engine/hand-tools.ts';
import { ensureEngine } from '../../app/engine/programs.ts';
import type { Command } from '../../app/ports.ts';
import { paths } from '../../core/paths.ts';
import { exportLine, prependLine, shellOf, unsetLine } from '../../core/shell.ts';
import { excludeFromGit } from '../../git/exclude.ts';
import { identify } from '../../git/identity.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';

export interface EnvArgs {
  readonly shell: string | undefined;
}

/** What a shell needs for `wt`, `pulumi` and `kubectl` by hand: nothing in it depends on a branch or a folder. */
export const env: Command<EnvArgs> = async ({ shell }, ports) => {
  const places = paths();
  const { pulumi } = await ensureEngine(ports.screen);
  const programs = await ensurePrograms(['kubectl', 'gateway-api-crds'], { progress: ports.screen });
  await prepareState(places);
  await writeWrappers();
  await linkProgram(pulumi, 'pulumi');
  if (!isOnPath('kubectl', ports.env)) await linkProgram(programs.kubectl.path, 'kubectl');
  await keepStackFilesOut(ports.cwd);
  // The last is for `pulumi up` of the platform, in coppice's own folder.
  const variables = { ...pulumiVariables(places), COPPICE_GATEWAY_API: programs['gateway-api-crds'].path };
  const modules = moduleFolders();
  const kind = shellOf(shell ?? ports.env.SHELL);
  const lines = [
    prependLine('PATH', [places.bin], kind),
    prependLine('NODE_PATH', modules, kind),
    // It would win over the file.
    unsetLine('PULUMI_CONFIG_PASSPHRASE', kind),
    ...Object.entries(variables).map(([name, value]) => exportLine(name, value, kind)),
  ];
  return {
    text: lines.join('\n'),
    json: { path: [places.bin], nodePath: modules, variables },
  };
};

/** `pulumi` by hand writes Pulumi.<stack>.yaml beside Pulumi.yaml: it must not be committed by accident. */
async function keepStackFilesOut(cwd: string): Promise<void> {
  const identity = await identify(cwd).catch(() => undefined);
  if (identity) await excludeFromGit(identity.repository, 'Pulumi.*.yaml');
}
