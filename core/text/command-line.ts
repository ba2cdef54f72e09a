/** A command as people write it: for `sh -c TEXT` the text. */
export function commandLine(argv: readonly string[]): string {
  const [shell, flag, text] = argv;
  return shell === 'sh' && flag === '-c' && text !== undefined ? text : argv.join(' ');
}
