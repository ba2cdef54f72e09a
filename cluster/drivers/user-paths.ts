import { homedir } from 'node:os';
import { type Paths, paths } from '../../core/paths.ts';
import { invokingUser } from '../../core/user.ts';

/** Paths of the user whose cluster this is: the one who called sudo, else the caller. */
export function userPaths(): Paths {
  return paths(process.env, userHome());
}

/** Their own folder. */
export function userHome(): string {
  return invokingUser()?.home ?? homedir();
}
