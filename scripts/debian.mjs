import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './prepare.mjs';

/** Folder of what tests download and keep. */
export const testCache = () =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'coppice', 'test');

/** Why packages cannot be unpacked on this machine, or undefined. */
export function reasonAgainstPackages() {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb') ? undefined : 'it is not Debian';
}

/**
 * A folder with the files of Debian packages as they would be below `/`: unpacked, not installed, and kept.
 *
 * @param {string} name of the folder in the cache
 * @param {string[]} packages
 * @throws {Error} where no mirror is reachable
 */
export function unpackedPackages(name, packages) {
  const cache = testCache();
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, `${name}-`));
  try {
    for (const one of packages) download(one, work);
  } catch (error) {
    rmSync(work, { recursive: true });
    throw error;
  }
  for (const file of readdirSync(work).filter((one) => one.endsWith('.deb')))
    run('dpkg-deb', ['--extract', join(work, file), join(work, 'root')]);
  // Another run may have been quicker.
  if (!existsSync(folder)) renameSync(join(work, 'root'), folder);
  rmSync(work, { recursive: true });
  return folder;
}

/** A new machine may have no package lists yet, or old ones that name packages that no longer exist. */
function download(name, folder) {
  const words = ['download', '--quiet', name];
  if (spawnSync('apt-get', words, { cwd: folder, stdio: 'ignore' }).status === 0) return;
  spawnSync('apt-get', ['update', '--quiet'], { stdio: 'ignore' });
  const { status, stderr } = spawnSync('apt-get', words, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`apt-get cannot download ${name}: ${stderr}`);
}
