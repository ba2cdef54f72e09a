import { rm } from 'node:fs/promises';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { onDemandParts, partFacts } from '../../core/part-facts.ts';
import type { Progress } from '../../core/progress.ts';
import { readPlatformParts } from '../../core/state/platform-parts.ts';
import { ensurePrograms } from '../../toolchain/toolchain.ts';
import { assemble, assembledName } from './assemble.ts';
import { type CatalogueName, type catalogue, catalogueEntry, catalogueNames } from './catalogue.ts';
import type { ImageLayout } from './layout.ts';
import { registryReachable } from './registry.ts';

export { registryReachable } from './registry.ts';

/** The nodes that receive images. */
export interface ImageTarget {
  /** Loads docker archives into the nodes under the names they carry. */
  importArchives(paths: readonly string[]): Promise<void>;
  /** References that the nodes have already. */
  present(): Promise<string[]>;
  /** The nodes can pull from a registry, if this machine reaches one. */
  readonly pullable: boolean;
  /** The nodes have their own image for the sandbox of pods, as k3s has. */
  readonly bringsSandbox?: boolean;
  readonly progress: Progress;
}

/** Catalogue name → the reference that the nodes have, or can pull. Implemented by {@link provideImages}. */
export type ProvideImages = (target: ImageTarget) => Promise<Readonly<Record<string, string>>>;

/** Where the images come from; tests pass their own. */
export interface ImageSources {
  /** Whether the registry of a reference answers. */
  reachable(reference: string): Promise<boolean>;
  /** Names of the images whose part has joined the platform. */
  joined(): Promise<readonly string[]>;
  /** The image as this machine would build it. */
  layout(name: CatalogueName, progress: Progress): Promise<ImageLayout>;
}

type Optional = {
  [Name in CatalogueName]: (typeof catalogue)[Name] extends { readonly optional: true } ? Name : never;
}[CatalogueName];
export type Provided = Record<Exclude<CatalogueName, Optional>, string> & Partial<Record<Optional, string>>;

const thisMachine: ImageSources = {
  reachable: registryReachable,
  async joined() {
    const joined = await readPlatformParts();
    return onDemandParts.filter((part) => joined[part]).map((part) => partFacts[part].image);
  },
  async layout(name, progress) {
    const { recipe, upstream } = catalogueEntry(name);
    if (recipe === undefined) throw pulledOnlyError(upstream);
    requireLinux(upstream);
    return recipe.layout(await ensurePrograms(recipe.programs, { progress }));
  },
};

/** An image that is never built here cannot be pulled either. */
export function pulledOnlyError(upstream: string): CoppiceError {
  return new CoppiceError(
    'COPPICE_IMAGE',
    `the image ${upstream} cannot be pulled: its registry cannot be reached, and coppice never builds this one`,
    { hint: 'check the network (a proxy, a VPN), then run it again' },
  );
}

/** Images are built from this machine's programs, and only Linux programs run in a container. Throws COPPICE_IMAGE. */
export function requireLinux(upstream: string, platform: NodeJS.Platform = process.platform): void {
  if (platform === 'linux') return;
  throw new CoppiceError(
    'COPPICE_IMAGE',
    `the image ${upstream} is unavailable: its registry cannot be reached, and images can only be built on Linux`,
    { hint: 'check the network (a proxy, a VPN), then run it again' },
  );
}

/**
 * Catalogue name → the reference that the nodes have, or can pull. Assembles and imports only what is missing. Images
 * pulled earlier stay in use without a network. Those of parts that
 * have not joined are left out. An unavailable optional image is reported and left out. Throws the
 * toolchain's errors and COPPICE_IMAGE.
 */
export async function provideImages(
  target: ImageTarget,
  sources: ImageSources = thisMachine,
): Promise<Provided> {
  const present = new Set(await target.present());
  const joined = await sources.joined();
  const wanted = catalogueNames.filter((name) => {
    const { sandbox, onceJoined } = catalogueEntry(name);
    return !(target.bringsSandbox && sandbox) && (!onceJoined || joined.includes(name));
  });
  const provided = await Promise.allSettled(
    wanted.map(async (name) => {
      const { upstream, sandbox, optional } = catalogueEntry(name);
      const pullable = target.pullable && !sandbox;
      const pulled = pullable && (present.has(upstream) || (await sources.reachable(upstream)));
      if (pulled) return [[name, upstream]] as const;
      try {
        return [[name, await provideAssembled(name, target, sources, present)]] as const;
      } catch (error) {
        if (!optional) throw error;
        target.progress.note(`the image ${name} is unavailable: ${messageOf(error)}`);
        return [];
      }
    }),
  );
  // Settled, not raced: nothing runs on after a reported failure.
  const failed = provided.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return Object.fromEntries(
    provided.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : [])),
  ) as Provided;
}

async function provideAssembled(
  name: CatalogueName,
  { importArchives, progress }: ImageTarget,
  sources: ImageSources,
  present: ReadonlySet<string>,
): Promise<string> {
  const layout = await sources.layout(name, progress);
  const image = await assembledName(name, layout);
  if (present.has(image.reference)) return image.reference;
  const task = progress.start(`image ${name}`);
  try {
    task.update('assembling');
    await assemble(image, layout);
    task.update('importing');
    try {
      await importArchives([image.archive]);
    } catch {
      // A crash of the machine may have left an archive of an earlier run that is cut short.
      await rm(image.archive, { recursive: true, force: true });
      await assemble(image, layout);
      await importArchives([image.archive]);
    }
    task.done(image.reference);
    return image.reference;
  } catch (error) {
    task.fail(messageOf(error));
    throw error;
  }
}
