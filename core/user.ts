import { readFileSync } from 'node:fs';
import { chown, lchown, mkdir, opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './errors.ts';

/** The user behind `sudo`: downloads and builds are theirs, not root's. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

/** Who called `sudo`, or undefined when nobody did. Throws nothing: an unknown uid counts as nobody. */
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

/** Makes a folder and those above it; what had to be made belongs to the owner. */
export async function makeFolder(folder: string, owner: User | undefined, mode = 0o755): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode });
  if (!first || !owner) return;
  for (let made = folder; made.length >= first.length; made = dirname(made))
    await chown(made, owner.uid, owner.gid);
}

/** Gives a file, or a folder with all that is in it, to the owner. Symbolic links themselves, never what they point to. */
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

/** What a child process needs so that it runs as the owner: their uid, home and name, and nothing that says `sudo`. */
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
