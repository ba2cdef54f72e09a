import { lookup } from 'node:dns/promises';
import type { Check } from '../../core/check.ts';

/** A hostname as an environment has it. */
const example = 'web.feat.shop.localhost';

/** How this system resolves names below `localhost`. */
export async function nameCheck(): Promise<Check> {
  const address = await lookup(example).then(
    (found) => found.address,
    () => undefined,
  );
  return judgeNames(address, process.platform);
}

/**
 * `address`: getaddrinfo's answer for the example. Nothing of ours depends on it, so an unknown name is not a failure:
 * Chrome, Firefox and curl resolve `.localhost` themselves. Safari asks the system, and macOS before 26 does not know
 * it: https://github.com/basecamp/once/issues/3, https://github.com/dotnet/AspNetCore.Docs/issues/36368.
 *
 * @internal Exported for its test, which passes in facts of other machines.
 */
export function judgeNames(address: string | undefined, platform: NodeJS.Platform): Check {
  const name = 'names under .localhost';
  if (address === '127.0.0.1' || address === '::1')
    return { name, ok: true, detail: `${example} is ${address}` };
  if (address !== undefined) {
    return {
      name,
      ok: false,
      detail: `${example} is ${address}`,
      fix: 'remove `.localhost` from the DNS configuration of this machine: it must mean this machine (RFC 6761)',
    };
  }
  const detail =
    platform === 'darwin'
      ? 'resolved by Chrome, Firefox and curl; not by Safari and most programs before macOS 26, which need a line for each host in /etc/hosts: 127.0.0.1 <branch>.<app>.localhost'
      : 'resolved by browsers and curl, not by other programs here (Debian: install libnss-myhostname)';
  return { name, ok: true, detail };
}
