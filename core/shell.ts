export type Shell = 'posix' | 'fish';

/** The kind of shell by its name or path; what is unknown gets what POSIX shells read. */
export function shellOf(name: string | undefined): Shell {
  return name?.split('/').at(-1) === 'fish' ? 'fish' : 'posix';
}

/** A word that a shell takes as it is, whatever is in it. */
export function quote(value: string, shell: Shell): string {
  if (/^[A-Za-z0-9_/.:=@%+,-]+$/.test(value)) return value;
  // In fish's single quotes a backslash and a quote are escaped; in POSIX shells nothing can be.
  return shell === 'fish'
    ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    : `'${value.replaceAll("'", "'\\''")}'`;
}

/** A line that sets a variable for this shell and what it starts. */
export function exportLine(name: string, value: string, shell: Shell): string {
  return shell === 'fish'
    ? `set -gx ${name} ${quote(value, shell)}`
    : `export ${name}=${quote(value, shell)}`;
}

/** A line that takes a variable away, whether it is there or not. */
export function unsetLine(name: string, shell: Shell): string {
  return shell === 'fish' ? `set -e ${name}` : `unset ${name}`;
}

/** A line that puts folders in front of a list of folders, once. */
export function prependLine(name: string, folders: readonly string[], shell: Shell): string {
  const list = folders.map((folder) => quote(folder, shell));
  if (shell === 'fish') {
    // fish splits only the lists it knows to be paths.
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
