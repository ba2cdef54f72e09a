import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instrumentationOf } from '../../config/plan/instrumentation.ts';
import type { Instrumented } from '../../config/spec/schema/telemetry.ts';
import { CoppiceError } from '../../core/errors.ts';
import { packageRoot } from '../../core/package-root.ts';

/** Where they are on this machine. */
export function instrumentationFolder(language: Instrumented): string {
  return join(packageRoot(), 'dist', 'instrumentation', language);
}

const needed: Record<Instrumented, string> = { node: "npm's registry", python: 'Python 3 and pip' };

/** Content of a ConfigMap: text, and base64 of what is none. */
export interface InstrumentationContent {
  readonly data: Record<string, string>;
  readonly binaryData: Record<string, string>;
}

/**
 * Each file, by its key in the ConfigMap; scripts/build.mjs writes them. Throws COPPICE_BUILD where this build was made
 * without them.
 */
export async function instrumentationFiles(
  language: Instrumented,
  folder = instrumentationFolder(language),
): Promise<InstrumentationContent> {
  if (!existsSync(folder))
    throw new CoppiceError('COPPICE_BUILD', `this build of Coppice cannot trace ${language} services`, {
      hint: `in its clone, with ${needed[language]}: npm run build`,
    });
  const read = async (wanted: (path: string) => boolean, encoding: 'utf8' | 'base64') => {
    const files = instrumentationOf[language].files.filter(({ path }) => wanted(path));
    const contents = await Promise.all(files.map(({ path }) => readFile(join(folder, path), encoding)));
    return Object.fromEntries(files.map(({ key }, index) => [key, contents[index] ?? '']));
  };
  const isBinary = (path: string) => path.endsWith('.zip');
  const [data, binaryData] = await Promise.all([
    read((path) => !isBinary(path), 'utf8'),
    read(isBinary, 'base64'),
  ]);
  return { data, binaryData };
}
