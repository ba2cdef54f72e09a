import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { http } from '../../../core/http.ts';
import type { Need } from './processes.ts';

export function needText(need: Need): string {
  if ('file' in need) return need.file;
  return 'socket' in need ? need.socket : need.api;
}

/** The first need that is not met, or undefined. */
export async function unmetNeed(needs: readonly Need[]): Promise<Need | undefined> {
  for (const need of needs) if (!(await isMet(need))) return need;
  return undefined;
}

/** A file is there, a socket accepts connections, the API server is ready. */
export function isMet(need: Need): boolean | Promise<boolean> {
  if ('file' in need) return existsSync(need.file);
  return 'socket' in need ? accepts(need.socket) : isReady(need.api, need.pki);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (met: boolean) => {
      socket.destroy();
      resolve(met);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function isReady(url: string, pki: string): Promise<boolean> {
  const [ca, cert, key] = ['ca.crt', 'apiserver-kubelet-client.crt', 'apiserver-kubelet-client.key'].map(
    (file) => readFileSync(`${pki}/${file}`),
  );
  const tls = { ca, cert, key };
  return http(url, { tls, timeout: 1_000 }).then(
    ({ status }) => status === 200,
    () => false,
  );
}
