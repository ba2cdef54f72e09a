import { installPlugins } from '../../provider/install.ts';
import { paths } from '../../state/paths.ts';
import type { Progress } from '../../toolchain/progress.ts';
import { enginePrograms, ensurePrograms } from '../../toolchain/toolchain.ts';
import { version } from '../version.ts';
import type { EnginePrograms } from './engine.ts';

/** Has the engine and its plugins where both `wt` and `pulumi` by hand find them: some milliseconds when all is there. */
export async function ensureEngine(progress: Progress): Promise<EnginePrograms> {
  const programs = await ensurePrograms(enginePrograms, { progress });
  await installPlugins({
    pulumiHome: paths().pulumiHome,
    kubernetesProvider: programs['pulumi-resource-kubernetes'].path,
    version: version(),
  });
  return { pulumi: programs.pulumi.path, language: programs['pulumi-language-nodejs'].path };
}
