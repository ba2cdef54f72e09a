import { existsSync } from 'node:fs';
import { read } from './proc.ts';

/** What the cluster's configuration takes from the machine that it runs on. */
export interface MachineFacts {
  readonly apparmor: boolean;
  readonly nameservers: readonly string[];
}

export function machineFacts(): MachineFacts {
  return {
    apparmor:
      read('/sys/module/apparmor/parameters/enabled')?.trim() === 'Y' &&
      ['/usr/sbin/apparmor_parser', '/sbin/apparmor_parser'].some(existsSync),
    nameservers: nameserversOf(read('/etc/resolv.conf') ?? ''),
  };
}

/**
 * CoreDNS runs on the host's network, so it can query a resolver on loopback (systemd-resolved).
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function nameserversOf(resolvConf: string): string[] {
  return resolvConf
    .split('\n')
    .flatMap((line) => /^\s*nameserver\s+([\da-fA-F.:]+)\s*$/.exec(line)?.[1] ?? [])
    .slice(0, 3);
}
