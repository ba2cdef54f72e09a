// Runs before anything is installed or built, so it is plain JavaScript without dependencies.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Names of the folders that contain the product, from rooms.json. */
export const rooms = Object.keys(JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')));

/** What is loaded into the processes of pods: a package of its own, as it must not share versions with this one. */
export const nodeInstrumentation = join(root, 'instrumentation', 'node');

/** Folders whose content decides whether the bundles under dist/ are current. */
const sources = [...rooms, 'scripts', 'instrumentation'];

/** Ends this process with the command's own exit code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) {
    console.error(`error: cannot run ${command}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

export const example = join(root, 'examples', 'shop');

/** `npm ci` if node_modules is absent or was installed from another lock file; false if there was nothing to do. */
export function installDependencies(folder = root) {
  const stamp = join(folder, 'node_modules', '.coppice-lock');
  const wanted = digest([join(folder, 'package-lock.json')]);
  if (read(stamp) === wanted) return false;
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: folder });
  writeFileSync(stamp, wanted);
  return true;
}

/** Bundles into dist/ if a source changed since the last time; false if there was nothing to do. */
export function build() {
  // `require('coppice')` in examples/ finds this package as in a repository that installed it.
  const self = join(root, 'node_modules', 'coppice');
  if (!existsSync(self)) symlinkSync('..', self, 'dir');

  if (read(join(root, 'dist', '.sources')) === sourcesDigest()) return false;
  run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  return true;
}

/** The same for a clone and for the package that was packed from it: with both on a machine, neither redoes the other's work. */
export function sourcesDigest() {
  return digest([
    ...sources.flatMap((folder) => filesBelow(join(root, folder))),
    join(root, 'package-lock.json'),
  ]);
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && name !== '__pycache__')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() && /\.(ts|mjs|json|py)$|^requirements\.txt$/.test(entry.name) ? [path] : [];
    })
    .sort();
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
