import { stripVTControlCharacters } from 'node:util';

export type Shell = 'posix' | 'fish';

/** The kind of shell from its name or path; POSIX for an unknown one. */
export function shellOf(name: string | undefined): Shell {
  return name?.split('/').at(-1) === 'fish' ? 'fish' : 'posix';
}

/** A word quoted for a shell, whatever it contains. */
export function quote(value: string, shell: Shell): string {
  if (/^[A-Za-z0-9_/.:=@%+,-]+$/.test(value)) return value;
  // In fish's single quotes a backslash and a quote are escaped; in POSIX shells nothing can be.
  return shell === 'fish'
    ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    : `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * A word of a command line that is shown to be typed. It may be anybody's text, a path that a stranger requested say:
 * nothing of it may act on the terminal, begin a line of its own, or be read backwards.
 */
export function shownWord(value: string): string {
  return quote(stripVTControlCharacters(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ''), 'posix');
}

/** A line that sets a variable for this shell and its child processes. */
export function exportLine(name: string, value: string, shell: Shell): string {
  return shell === 'fish'
    ? `set -gx ${name} ${quote(value, shell)}`
    : `export ${name}=${quote(value, shell)}`;
}

/** A line that unsets a variable, whether it is set or not. */
export function unsetLine(name: string, shell: Shell): string {
  return shell === 'fish' ? `set -e ${name}` : `unset ${name}`;
}

/** A line that prepends folders to a list of folders, once. */
export function prependLine(name: string, folders: readonly string[], shell: Shell): string {
  const list = folders.map((folder) => quote(folder, shell));
  if (shell === 'fish') {
    // fish splits only the lists that it knows to be paths.
    const variable = name === 'PATH' ? 'PATH' : `--path ${name}`;
    return [...list]
      .reverse()
      .map((folder) => `contains -- ${folder} $${name}; or set -gx ${variable} ${folder} $${name}`)
      .join('\n');
  }
  return [...list]
    .reverse()
    .map(
      (folder) =>
        `case ":\${${name}-}:" in *:${folder}:*) ;; *) export ${name}=${folder}"\${${name}:+:$${name}}" ;; esac`,
    )
    .join('\n');
}
