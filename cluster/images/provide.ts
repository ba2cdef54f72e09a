import { messageOf } from '../../config/errors.ts';
import type { Progress } from '../../toolchain/progress.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { assemble, assembledName } from './assemble.ts';
import { type CatalogueName, catalogueEntry, catalogueNames } from './catalogue.ts';
import { registryReachable } from './registry.ts';

export { registryReachable } from './registry.ts';

/** The nodes that images are provided to. */
export interface ImageTarget {
  /** Makes docker archives known to the nodes under the names they carry. */
  importArchives(paths: readonly string[]): Promise<void>;
  /** References that the nodes have already. */
  present(): Promise<string[]>;
  /** The nodes can pull from a registry, if this machine reaches one. */
  readonly pullable: boolean;
  readonly progress: Progress;
}

/**
 * Catalogue name → the reference that the nodes have, or can pull. Assembles and imports only what is missing.
 * What was pulled once stays in use without a network. Throws the toolchain's errors and COPPICE_IMAGE.
 */
export async function provideImages(
  target: ImageTarget,
  reachable: (reference: string) => Promise<boolean> = registryReachable,
): Promise<Record<CatalogueName, string>> {
  const present = new Set(await target.present());
  const provided = await Promise.all(
    catalogueNames.map(async (name) => {
      const { upstream, sandbox } = catalogueEntry(name);
      const pulled = !sandbox && target.pullable && (present.has(upstream) || (await reachable(upstream)));
      return [name, pulled ? upstream : await provideAssembled(name, target, present)] as const;
    }),
  );
  return Object.fromEntries(provided) as Record<CatalogueName, string>;
}

async function provideAssembled(
  name: CatalogueName,
  { importArchives, progress }: ImageTarget,
  present: ReadonlySet<string>,
): Promise<string> {
  const { recipe } = catalogueEntry(name);
  const layout = await recipe.layout(await ensurePrograms(recipe.programs, { progress }));
  const image = await assembledName(name, layout);
  if (present.has(image.reference)) return image.reference;
  const task = progress.start(`image ${name}`);
  try {
    task.update('assembling');
    await assemble(image, layout);
    task.update('importing');
    await importArchives([image.archive]);
    task.done(image.reference);
    return image.reference;
  } catch (error) {
    task.fail(messageOf(error));
    throw error;
  }
}
