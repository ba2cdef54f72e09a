import { posix } from 'node:path';
import { sha256 } from '../../core/hash.ts';
import { differ } from '../../core/node-platform.ts';
import { installedServices } from '../spec/installed-services.ts';
import { type InstallSpec, installSpec } from '../spec/schema/install.ts';
import { type Spec, secondsOf } from '../spec/schema/spec.ts';
import type { FileDigest, InstallPlan, PlanContext, SourcePlan } from './environment-plan.ts';
import { argvOf, imageOf } from './services.ts';

/** Increase it when volumes are created differently: each then gets another name. */
const version = 1;
const hashLength = 16;

export interface InstallContext {
  readonly source: SourcePlan;
  readonly context: Pick<PlanContext, 'platforms' | 'runtimes' | 'installFiles'>;
}

/** What has to be installed for the pods, one installation per image; empty if the host's packages serve them. */
export function planInstalls(spec: Spec, { source, context }: InstallContext): InstallPlan[] {
  const { platforms, runtimes, installFiles } = context;
  if (!needsInstall(spec, platforms) || spec.install === undefined || source.kind === 'image') return [];
  if (installFiles === undefined) throw new Error('the files of install: were not read before the plan');
  const written = installSpec(spec.install);
  const byImage = new Map<string, string[]>();
  for (const name of installedServices(spec)) {
    const service = spec.services[name];
    if (service === undefined) continue;
    const image = imageOf(`service ${name}`, service, runtimes);
    byImage.set(image, [...(byImage.get(image) ?? []), name]);
  }
  return [...byImage].map(([image, names]) => planInstall(image, names, written, installFiles));
}

/** Whether an environment of this spec gets a volume at all: only then are its files read. */
export function needsInstall(
  { install }: Pick<Spec, 'install'>,
  platforms: PlanContext['platforms'],
): boolean {
  return install !== undefined && platforms !== undefined && differ(platforms);
}

function planInstall(
  image: string,
  services: readonly string[],
  written: InstallSpec,
  files: readonly FileDigest[],
): InstallPlan {
  const command = argvOf(written.command);
  const folders = written.folders.map((folder) => posix.normalize(folder).replace(/\/$/, ''));
  const content = JSON.stringify([version, image, command, folders, files]);
  const hash = sha256(content, hashLength);
  return {
    name: `install-${hash}`,
    image,
    command,
    folders,
    services,
    files,
    timeoutSeconds: secondsOf(written.timeout),
  };
}
