/**
 * Error texts of the engine, its plugins and the system, with what to do; docs/troubleshooting.md lists the same.
 *
 * @internal Exported for the test that compares it with its other copies.
 */
export const knownFailures: readonly { readonly text: RegExp; readonly hint: string }[] = [
  {
    text: /the stack is currently locked/i,
    hint: 'another run is working on this environment; wait for it, then run this again',
  },
  {
    text: /incorrect passphrase/i,
    hint: 'the state was written with another passphrase: `wt doctor` names the file it should be in',
  },
  {
    text: /no resource plugin|could not load plugin|resource plugin .* is required|no language plugin/i,
    hint: 'wt toolchain install',
  },
  {
    text: /configured Kubernetes cluster is unreachable|connection to the server \S+ was refused/i,
    hint: 'wt cluster status',
  },
  // Of the cluster, a server of the platform or one elsewhere: the text does not say which.
  {
    text: /ECONNREFUSED|connect: connection refused/i,
    hint: 'wt doctor, which finds what does not answer',
  },
  {
    text: /x509: certificate|certificate has expired/i,
    hint: 'the certificates do not fit this cluster: wt cluster status, then wt cluster reset',
  },
  // https://nodejs.org/api/fs.html#fswatchfilename-options-listener: the error has the name of one about disks.
  {
    text: /ENOSPC.*file watchers/i,
    hint: 'allow more file watchers: sudo sysctl fs.inotify.max_user_watches=524288',
  },
  {
    text: /ENOSPC|no space left on device/i,
    hint: 'free some disk space; the cache ($XDG_CACHE_HOME/coppice) can be deleted at any time',
  },
  { text: /EACCES|permission denied/i, hint: 'wt doctor' },
  { text: /ENOENT.*git|spawn git/i, hint: 'install git' },
  { text: /no matches for kind "?(HTTPRoute|Gateway)/i, hint: 'wt platform up' },
  {
    text: /exceeded quota/i,
    hint: "the environment's quota is used up: lower `replicas` or `resources` in coppice.yaml",
  },
  {
    text: /unexpected end of JSON|failed to load checkpoint/i,
    hint: 'a state cannot be read: `wt doctor` names the file; `wt up` and `wt down` put a whole copy in its place',
  },
];

/**
 * The hint for an error text, or undefined when it is not known. What a program of the user printed is quoted behind
 * `  | ` and says nothing about us: its refused connection is not the cluster's, its full disk may be a watcher's limit.
 */
export function knownFailure(text: string): string | undefined {
  const own = text
    .split('\n')
    .filter((line) => !line.startsWith('  | '))
    .join('\n');
  return knownFailures.find((failure) => failure.text.test(own))?.hint;
}
