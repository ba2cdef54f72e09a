import { readFileSync } from 'node:fs';
import { chown, lchown, mkdir, opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './errors.ts';

/** The user behind `sudo`: downloads and builds belong to them, not to root. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

/** The user who called `sudo`, or undefined without `sudo`. Never throws: an unknown uid counts as none. */
export function invokingUser(env: NodeJS.ProcessEnv = process.env, passwd = '/etc/passwd'): User | undefined {
  const uid = Number(env.SUDO_UID);
  const gid = Number(env.SUDO_GID);
  if (
    process.geteuid?.() !== 0 ||
    !env.SUDO_UID ||
    !Number.isInteger(uid) ||
    !Number.isInteger(gid) ||
    uid === 0
  ) {
    return undefined;
  }
  const line = readFileSync(passwd, 'utf8')
    .split('\n')
    .find((candidate) => candidate.split(':')[2] === String(uid));
  const [name, , , , , home] = line?.split(':') ?? [];
  if (!name || !home) return undefined;
  return { uid, gid, name, home };
}

/** Creates a folder and its parents; the created ones belong to the owner. */
export async function makeFolder(folder: string, owner: User | undefined, mode = 0o755): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode });
  if (!first || !owner) return;
  for (let child = folder; child.length >= first.length; child = dirname(child))
    await chown(child, owner.uid, owner.gid);
}

/**
 * Passes a file, or a folder with its contents, to the owner. Changes symbolic links themselves, never their targets.
 */
export async function give(path: string, owner: User | undefined): Promise<void> {
  if (!owner) return;
  await lchown(path, owner.uid, owner.gid);
  const entries = await opendir(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  });
  for await (const entry of entries ?? []) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) await give(inside, owner);
    else await lchown(inside, owner.uid, owner.gid);
  }
}

/** Options for a child process that runs as the owner: their uid, home and name, and no trace of `sudo`. */
export function runAs(
  owner: User | undefined,
  env: NodeJS.ProcessEnv,
): { uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  if (!owner) return { env };
  const { SUDO_UID, SUDO_GID, SUDO_USER, SUDO_COMMAND, ...rest } = env;
  return {
    uid: owner.uid,
    gid: owner.gid,
    env: { ...rest, HOME: owner.home, USER: owner.name, LOGNAME: owner.name },
  };
}
