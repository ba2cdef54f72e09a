/**
 * `web crashes: exit code 7`, or `web: the new version crashes` for a reason that has a subject of its own.
 *
 * @param subject `web`, `service web`
 */
export function sentence(subject: string, reason: string): string {
  return /^(the|one|pods) /.test(reason) ? `${subject}: ${reason}` : `${subject} ${reason}`;
}
