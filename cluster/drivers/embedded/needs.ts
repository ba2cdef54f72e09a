import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import type { Need } from './processes.ts';

export function needText(need: Need): string {
  if ('file' in need) return need.file;
  return 'socket' in need ? need.socket : `${need.host}:${need.port}`;
}

/** The first need that is not met, or undefined. */
export async function unmetNeed(needs: readonly Need[]): Promise<Need | undefined> {
  for (const need of needs) if (!(await isMet(need))) return need;
  return undefined;
}

/** A file is there, a socket or port accepts connections. */
export function isMet(need: Need): boolean | Promise<boolean> {
  if ('file' in need) return existsSync(need.file);
  return new Promise((resolve) => {
    const socket = 'socket' in need ? connect(need.socket) : connect(need.port, need.host);
    const end = (met: boolean) => {
      socket.destroy();
      resolve(met);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
