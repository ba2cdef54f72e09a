import { Writable } from 'node:stream';
import type { Kube } from './client.ts';
import { execInPod } from './exec.ts';

/** A TCP socket that accepts connections in a pod. */
export interface Listener {
  /** `0.0.0.0` and `::` are reached from everywhere. */
  readonly address: string;
  readonly port: number;
}

export interface PodProcess {
  readonly pid: number;
  readonly parent: number;
  /** Program and arguments, with spaces between them. */
  readonly command: string;
  /** Milliseconds since it started. */
  readonly age: number;
}

/** What runs in a pod, from its `/proc`: without the sandbox's own process and without ended ones. */
export interface Inside {
  readonly listeners: readonly Listener[];
  readonly processes: readonly PodProcess[];
  /** How many of its processes the kernel ended because the container's memory was used up; absent where it is not told. */
  readonly outOfMemory?: number;
}

interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Milliseconds for a look; a pod without CPU must not hold up the others. */
const TIMEOUT_MS = 5_000;

/** Only what every shell has, and `cat` and `tr`: what is not there leaves its part unknown. */
const script = `echo "self $$"
echo "uptime $(cat /proc/uptime)"
cat /proc/net/tcp
cat /proc/net/tcp6
cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control
for folder in /proc/[0-9]*; do
  stat=$(cat "$folder/stat") || continue
  echo "process $stat"
  echo "command \${folder#/proc/} $(tr '\\000\\n' '  ' < "$folder/cmdline")"
done
true`;

/** Undefined where it cannot be seen: the container does not run, or has no shell. */
export async function lookInside(kube: Kube, place: Place): Promise<Inside | undefined> {
  let text = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('utf8');
      done();
    },
  });
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
  const command = ['/bin/sh', '-c', script];
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    await execInPod(kube, { ...place, command, stdout, stderr, signal });
  } catch {
    return undefined;
  }
  return parseInside(text);
}

/**
 * From what the script prints; undefined when it could not read the sockets.
 *
 * @internal Its test reads recorded output.
 */
export function parseInside(text: string): Inside | undefined {
  const lines = text.split('\n');
  if (!lines.some((line) => line.trimStart().startsWith('sl '))) return undefined;
  const outOfMemory = killsIn(lines);
  return {
    listeners: unique(lines.flatMap(listenerIn)),
    processes: processesIn(lines),
    ...(outOfMemory !== undefined && { outOfMemory }),
  };
}

/** The same name in both versions: https://docs.kernel.org/admin-guide/cgroup-v2.html, memory.events. */
function killsIn(lines: readonly string[]): number | undefined {
  const found = lines.map((line) => /^oom_kill (\d+)$/.exec(line)?.[1]).find(Boolean);
  return found === undefined ? undefined : Number(found);
}

/** https://docs.kernel.org/networking/proc_net_tcp.html: state `0A` is LISTEN. */
function listenerIn(line: string): Listener[] {
  const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /.exec(line);
  if (!match) return [];
  return [{ address: addressOf(match[1] ?? ''), port: Number.parseInt(match[2] ?? '', 16) }];
}

/** The kernel prints each 32 bits in the processor's order, which is little-endian wherever pods run. */
function addressOf(digits: string): string {
  const bytes = (digits.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const [one, two, three, four] = bytes.slice(-4).map((byte) => Number.parseInt(byte, 16));
  const ipv4 = `${one}.${two}.${three}.${four}`;
  if (bytes.length === 4) return ipv4;
  const before = bytes.slice(0, -4).join('');
  if (before === '00000000000000000000FFFF'.padStart(24, '0')) return ipv4;
  if (!/[1-9A-F]/.test(before)) return ipv4 === '0.0.0.0' ? '::' : ipv4 === '0.0.0.1' ? '::1' : `::${ipv4}`;
  return (bytes.join('').match(/.{4}/g) ?? []).join(':').toLowerCase();
}

function unique(listeners: readonly Listener[]): Listener[] {
  return listeners.filter(
    ({ address, port }, at) =>
      listeners.findIndex((other) => other.address === address && other.port === port) === at,
  );
}

/** Ticks of a second in `/proc`: USER_HZ, which is 100 on every architecture that pods run on. */
const TICKS = 100;

function processesIn(lines: readonly string[]): PodProcess[] {
  const self = Number(/^self (\d+)$/.exec(lines[0] ?? '')?.[1]);
  const uptime = Number(lines.map((line) => /^uptime ([\d.]+)/.exec(line)?.[1]).find(Boolean));
  const commands = new Map(
    lines.flatMap((line) => {
      const match = /^command (\d+) (.*)$/.exec(line);
      return match ? [[Number(match[1]), (match[2] ?? '').trim()] as const] : [];
    }),
  );
  return lines.flatMap((line) => {
    const match = /^process (\d+) \((.*)\) (\S) (\d+) (.*)$/.exec(line);
    if (!match) return [];
    const [, id, name, state, parent, rest = ''] = match;
    const pid = Number(id);
    const command = commands.get(pid) || (name ?? '');
    // Ended processes that nobody has waited for, the sandbox, and the look itself.
    if (state === 'Z' || state === 'X' || isSandbox(pid, name) || pid === self || Number(parent) === self)
      return [];
    const started = Number(rest.split(' ')[17]) / TICKS;
    return [
      { pid, parent: Number(parent), command, age: Math.max(0, Math.round((uptime - started) * 1000)) },
    ];
  });
}

function isSandbox(pid: number, name: string | undefined): boolean {
  return pid === 1 && (name === 'pause' || name === 'catatonit');
}
