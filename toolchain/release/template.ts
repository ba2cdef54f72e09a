import type { Platform, Program } from '../manifest-entry.ts';

/** A release for one platform, its templates filled in. */
export interface Located {
  readonly url: string;
  readonly checksumUrl: string;
}

/** Where a program's release lies for a platform, or undefined when there is none. */
export function locate(program: Program, platform: Platform): Located | undefined {
  const { release } = program;
  if ('none' in release) return undefined;
  const word = release.platforms[platform];
  if (word === undefined) return undefined;
  const [os = '', arch = ''] = platform.split('-');
  const words: Record<string, string> = { version: program.version, os, arch, platform: word };
  const fill = (template: string) =>
    template.replace(/\{(\w+)\}/g, (whole, key: string) => words[key] ?? whole);
  return { url: fill(release.url), checksumUrl: fill(release.checksum.url) };
}
