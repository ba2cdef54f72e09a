import { readdir, readFile, readlink } from 'node:fs/promises';
import { outcomeOf } from '../../core/run.ts';

/** A program of this machine that listens at a port. */
export interface ListenerHere {
  readonly port: number;
  /** Absent where another user's program may not be looked at. */
  readonly pid?: number;
  /** Program and arguments, with spaces between them. */
  readonly command?: string;
  /** Absolute path of its working folder. */
  readonly folder?: string;
}

/** What listens at these ports now, by port. */
export async function listenersAt(ports: readonly number[]): Promise<ListenerHere[]> {
  const wanted = new Set(ports);
  if (wanted.size === 0) return [];
  const all = process.platform === 'linux' ? await listenersOnLinux(wanted) : await listenersByLsof();
  return unique(all.filter(({ port }) => wanted.has(port))).sort((one, other) => one.port - other.port);
}

function unique(listeners: readonly ListenerHere[]): ListenerHere[] {
  return listeners.filter(
    ({ port, pid }, at) => listeners.findIndex((one) => one.port === port && one.pid === pid) === at,
  );
}

async function listenersOnLinux(wanted: ReadonlySet<number>): Promise<ListenerHere[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const sockets = tables.flatMap(listeningSockets).filter(({ port }) => wanted.has(port));
  if (sockets.length === 0) return [];
  const owners = await socketOwners(new Set(sockets.map(({ inode }) => inode)));
  return Promise.all(
    sockets.map(async ({ port, inode }) => {
      const pid = owners.get(inode);
      return pid === undefined ? { port } : { port, pid, ...(await lookAt(pid)) };
    }),
  );
}

/**
 * https://docs.kernel.org/networking/proc_net_tcp.html: state `0A` is LISTEN, the tenth field the inode.
 *
 * @internal Its test reads recorded tables.
 */
export function listeningSockets(table: string): { readonly port: number; readonly inode: string }[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    return state === '0A' && Number.isInteger(port) ? [{ port, inode }] : [];
  });
}

/** The process that has each socket, by inode; without those of other users. */
async function socketOwners(inodes: ReadonlySet<string>): Promise<Map<string, number>> {
  const owners = new Map<string, number>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
      for (const file of files) {
        const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
        const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
        // The first of a server and what it forked.
        if (inode !== undefined && inodes.has(inode))
          owners.set(inode, Math.min(Number(pid), owners.get(inode) ?? Number.POSITIVE_INFINITY));
      }
    }),
  );
  return owners;
}

async function lookAt(pid: number): Promise<Omit<ListenerHere, 'port' | 'pid'>> {
  const [words, folder] = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    readlink(`/proc/${pid}/cwd`).catch(() => undefined),
  ]);
  const command = words.split('\0').join(' ').trim();
  return { ...(command !== '' && { command }), ...(folder !== undefined && { folder }) };
}

async function listenersByLsof(): Promise<ListenerHere[]> {
  const { stdout } = await outcomeOf('lsof', ['-nP', '-iTCP', '-sTCP:LISTEN', '-F', 'pcn'], {
    timeout: 5_000,
  });
  return parseLsof(stdout);
}

/**
 * `lsof -F pcn`: a line a field, its letter in front.
 *
 * @internal Its test reads recorded output.
 */
export function parseLsof(output: string): ListenerHere[] {
  const found: ListenerHere[] = [];
  let pid: number | undefined;
  let command: string | undefined;
  for (const line of output.split('\n')) {
    const [letter, text] = [line[0], line.slice(1)];
    if (letter === 'p') pid = Number(text);
    if (letter === 'c') command = text;
    const port = letter === 'n' ? Number(/:(\d+)$/.exec(text)?.[1]) : Number.NaN;
    if (Number.isInteger(port))
      found.push({ port, ...(pid !== undefined && { pid }), ...(command !== undefined && { command }) });
  }
  return found;
}
