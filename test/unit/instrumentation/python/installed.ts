import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../../core/package-root.ts';

const source = join(packageRoot(), 'instrumentation', 'python');

/** Folder of the apps that the tests start. */
export const apps = join(source, 'test');

/** Python's programs of an environment with the packages of those apps, and where it is. */
export interface Installed {
  readonly bin: string;
  /** OpenTelemetry's own encoder of spans, in a folder apart. */
  readonly encoder: string;
  /** What a pod would have mounted. */
  readonly built: string;
}

/** Why nothing of this can be tested here, in words; undefined if it can. */
export function whyNotHere(): string | undefined {
  const found = spawnSync('python3', ['-c', 'import sys, venv; print(sys.version_info >= (3, 10))']);
  if (found.error !== undefined || found.status !== 0) return 'there is no python3 with venv';
  return String(found.stdout).trim() === 'True' ? undefined : 'python3 is older than 3.10';
}

/** Installs what is not there yet, from the requirements of the apps. */
export function installed(): Installed {
  const script = `
    const { buildPythonInstrumentation } = await import('./instrumentation/python/build.mjs');
    buildPythonInstrumentation('instrumentation/python/node_modules/.built');
  `;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: packageRoot() });
  const folder = join(source, 'node_modules', '.test');
  const venv = join(folder, 'venv');
  const encoder = join(folder, 'encoder');
  const files = ['requirements.txt', 'proto-requirements.txt'].map((name) => join(apps, name));
  const wanted = createHash('sha256')
    .update(files.map((file) => readFileSync(file, 'utf8')).join())
    .digest('hex');
  const stamp = join(folder, '.requirements');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    const run = (command: string, ...words: string[]) => execFileSync(command, words, { stdio: 'pipe' });
    run('python3', '-m', 'venv', venv);
    const pip = [join(venv, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '--no-deps'] as const;
    run(...pip, '--disable-pip-version-check', '--requirement', files[0] ?? '');
    run(...pip, '--disable-pip-version-check', '--target', encoder, '--requirement', files[1] ?? '');
    writeFileSync(stamp, wanted);
  }
  return { bin: join(venv, 'bin'), encoder, built: join(source, 'node_modules', '.built') };
}
