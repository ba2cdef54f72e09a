/** `sh: 1: pnpm: not found`, `/bin/bash: line 1: yarn: command not found`. */
const byShell =
  /^.*\b(?:sh|bash)\b: (?:exec: )?(?:(?:line )?\d+: )?(?:exec: )?([\w.@/-]+): (?:command )?not found\s*$/;
/** As a container runtime and node say it. */
const byRuntime = /exec: "([\w.@/-]+)": executable file not found|\bspawn ([\w.@/-]+) ENOENT/;

/** The program that a shell or a container runtime did not find, by the last line that names one. */
export function missingProgram(lines: readonly string[]): string | undefined {
  for (const line of lines.toReversed()) {
    const found = byShell.exec(line)?.[1] ?? byRuntime.exec(line)?.slice(1).find(Boolean);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What to write in coppice.yaml when an image lacks a program that a command there names. */
export function hintForImage(program: string): string {
  const usual = `write it as \`export PATH=/app/node_modules/.bin:$PATH && exec ${program} …\` if a package of the repository brings it`;
  return ['pnpm', 'yarn', 'bun', 'corepack'].includes(program)
    ? `the image has no ${program}: write the program that the script runs, or \`npx --yes ${program} …\`, or name an \`image:\` that has it (docs/images.md)`
    : `the image has no ${program}: ${usual}, or name an \`image:\` that has it`;
}
