import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instrumentationOf } from '../../config/plan/instrumentation.ts';
import type { Instrumented } from '../../config/spec/schema/telemetry.ts';
import { packageRoot } from '../../core/package-root.ts';

/** Where they are on this machine. */
export function instrumentationFolder(language: Instrumented): string {
  return join(packageRoot(), 'dist', 'instrumentation', language);
}

/** The text of each file, by its key in the ConfigMap; scripts/build.mjs writes them. */
export async function instrumentationFiles(language: Instrumented): Promise<Record<string, string>> {
  const folder = instrumentationFolder(language);
  const { files } = instrumentationOf[language];
  const texts = await Promise.all(files.map(({ path }) => readFile(join(folder, path), 'utf8')));
  return Object.fromEntries(files.map(({ key }, index) => [key, texts[index] ?? '']));
}
