import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { getProject, getRootDirectory } from '@pulumi/pulumi/runtime/settings.js';
import { parseDocument } from 'yaml';

/**
 * The folder of the Pulumi.yaml with which `pulumi` was started. Newer language hosts report it. Older ones only start
 * the program in its own folder, which is this package's when `main:` points there, and behind a symbolic link leads
 * out of the repository; then it is searched for from the user's folder upwards.
 */
export function projectFolder(): string {
  const root = getRootDirectory();
  if (isAbsolute(root)) return root;
  const folders = [process.cwd(), process.env.PWD ?? process.cwd()];
  for (const folder of folders) {
    const found = projectAbove(folder, getProject());
    if (found !== undefined) return found;
  }
  return process.cwd();
}

function projectAbove(from: string, project: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'Pulumi.yaml');
    if (existsSync(file) && parseDocument(readFileSync(file, 'utf8')).get('name') === project) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
