import type { Platform, Program } from '../manifest-entry.ts';

/** A release for one platform, its templates filled in. */
export interface Located {
  readonly url: string;
  readonly checksumUrl: string;
}

/** URLs of a program's release for a platform, or undefined when there is none. */
export function locate(program: Program, platform: Platform): Located | undefined {
  const { release } = program;
  if ('none' in release || release.platforms[platform] === undefined) return undefined;
  const { url, checksum } = release;
  return { url: filled(url, program, platform), checksumUrl: filled(checksum.url, program, platform) };
}

/** A template of the manifest, filled with the words for a platform. */
export function filled(template: string, { version, release }: Program, platform: Platform): string {
  const [os = '', arch = ''] = platform.split('-');
  const word = 'none' in release ? undefined : release.platforms[platform];
  const words: Record<string, string | undefined> = { version, os, arch, platform: word };
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => words[key] ?? whole);
}
