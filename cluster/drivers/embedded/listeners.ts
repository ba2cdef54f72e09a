import { readdirSync, readlinkSync } from 'node:fs';
import { allPids, commandLine, read } from './proc.ts';

/** A socket that waits for connections or datagrams. */
export interface Listener {
  /** `0.0.0.0`, `127.0.0.1`, `::`, `::1`; other IPv6 addresses as the kernel's 32 hex digits. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/**
 * Listening sockets in the text of /proc/net/tcp or tcp6 (state 0A), or bound ones in udp or udp6 (state 07).
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function parseListeners(text: string): Listener[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' || fields[3] === '07')
    .map((fields) => {
      const [address = '', port = ''] = (fields[1] ?? '').split(':');
      return { address: addressOf(address), port: Number.parseInt(port, 16), inode: fields[9] ?? '' };
    });
}

function addressOf(hex: string): string {
  if (hex.length === 8) {
    return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
  }
  if (/^0+$/.test(hex)) return '::';
  return hex === '00000000000000000000000001000000' ? '::1' : hex;
}

/** Listeners that could take a connection to `address:port`: bound to it, or to every address. */
export function takers(listeners: readonly Listener[], address: string, port: number): Listener[] {
  return listeners.filter(
    (listener) => listener.port === port && [address, '0.0.0.0', '::'].includes(listener.address),
  );
}

/** Sockets of this network namespace. */
export function listenersNow(protocol: 'tcp' | 'udp'): Listener[] {
  return [protocol, `${protocol}6`].flatMap((name) => parseListeners(read(`/proc/net/${name}`) ?? ''));
}

/** `dnsmasq (pid 812)`; only root sees other users' sockets. */
export function ownerOf(listener: Listener): string {
  for (const pid of allPids()) {
    try {
      const owns = readdirSync(`/proc/${pid}/fd`).some(
        (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${listener.inode}]`,
      );
      if (owns) return `${commandLine(pid)[0] ?? 'a process'} (pid ${pid})`;
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return 'another process';
}
