import { CoppiceError } from '../../core/errors.ts';

/** The shells in which `wt` can change the folder and complete. */
export const shellNames = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof shellNames)[number];

/** The shell that a name or a path means; undefined for one that is not among them. */
export function knownShell(name: string | undefined): ShellName | undefined {
  const last = name?.split('/').at(-1);
  return shellNames.find((known) => known === last);
}

/** The one that is named, else that of `$SHELL`. Throws COPPICE_USAGE. */
export function shellNamed(name: string | undefined, env: NodeJS.ProcessEnv): ShellName {
  const known = knownShell(name ?? env.SHELL);
  if (known !== undefined) return known;
  const what =
    name === undefined
      ? `$SHELL is ${env.SHELL || 'not set'}, which is neither bash, zsh nor fish`
      : `--shell is bash, zsh or fish, not ${name}`;
  throw new CoppiceError('COPPICE_USAGE', what, { hint: 'name one of them: `--shell bash`' });
}
