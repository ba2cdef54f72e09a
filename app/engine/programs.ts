import { join } from 'node:path';
import { paths } from '../../core/paths.ts';
import type { Progress } from '../../core/progress.ts';
import { installPlugins } from '../../provider/install-plugins.ts';
import { enginePrograms, ensurePrograms } from '../../toolchain/toolchain.ts';
import { version } from '../version.ts';
import { linkProgram } from './hand-tools.ts';

/** Where the engine is installed. */
export interface EnginePrograms {
  /** Absolute path of `pulumi`. */
  readonly pulumi: string;
}

/**
 * Installs the engine and its plugins where both `wt` and `pulumi` by hand find them; takes milliseconds when nothing
 * is missing.
 */
export async function ensureEngine(progress: Progress): Promise<EnginePrograms> {
  const programs = await ensurePrograms(enginePrograms, { progress });
  const { pulumiHome } = paths();
  const language = programs['pulumi-language-nodejs'];
  await Promise.all([
    installPlugins({
      pulumiHome,
      kubernetesProvider: programs['pulumi-resource-kubernetes'].path,
      version: version(),
    }),
    // A language host found on PATH works too, but every command warns about it.
    linkProgram(
      language.path,
      language.name,
      join(pulumiHome, 'plugins', `language-nodejs-v${language.version}`),
    ),
  ]);
  return { pulumi: programs.pulumi.path };
}
