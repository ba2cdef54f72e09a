/** Options that every verb takes: flags as commander writes them, and what they do. */
export const globalOptions = [
  ['--json', 'print one JSON document, errors too as {code, message, hint}'],
  ['--timings', 'print how long each phase took'],
  ['-v, --verbose', 'show causes of errors'],
  ['-q, --quiet', 'show no progress'],
] as const;
export const helpOption = ['-h, --help', 'print help'] as const;
export const versionOption = ['-V, --version', 'print the version'] as const;
