import { homedir } from 'node:os';
import { type Paths, paths } from '../../core/paths.ts';
import { invokingUser } from '../../core/user.ts';

/** Paths of the user whose cluster this is: the caller of sudo, else the caller. */
export function userPaths(): Paths {
  return paths(process.env, userHome());
}

/** The home folder of that user. */
export function userHome(): string {
  return invokingUser()?.home ?? homedir();
}
