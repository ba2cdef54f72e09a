import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { type FirewallContext, installScript, removalScript } from './firewall.ts';
import { run } from './run.ts';

/** Minimums that pods and file watchers of several environments need; larger values of the machine are kept. */
const kernelMinimums: Readonly<Record<string, number>> = {
  'net/ipv4/ip_forward': 1,
  // Replies between two pods of one bridge must pass the rules that rewrote the request.
  'net/bridge/bridge-nf-call-iptables': 1,
  'fs/inotify/max_user_instances': 1024,
  'fs/inotify/max_user_watches': 524288,
};

/** Creates the bridge with the node's address, forwarding, and our chains. Any of it may exist already. */
export async function makeNetwork(context: FirewallContext): Promise<void> {
  const { bridge, addresses } = context;
  await run('modprobe', ['-a', 'br_netfilter', 'overlay'], { mayFail: true });
  if (!interfaceExists(bridge)) {
    await run('ip', ['link', 'add', bridge, 'address', hardwareAddress(addresses.node), 'type', 'bridge']);
  }
  await run('ip', ['addr', 'replace', `${addresses.node}/${addresses.prefix}`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
  // Without a default route (a laptop on a train) the kernel refuses service addresses before any rule can rewrite
  // them.
  await run('ip', ['route', 'replace', addresses.serviceCidr, 'dev', bridge, 'src', addresses.node]);
  for (const [name, minimum] of Object.entries(kernelMinimums)) raiseKernelSetting(name, minimum);
  await removeChains(['COPPICE-']);
  await run('iptables-restore', ['--noflush', '--wait', '10'], { input: installScript(context) });
}

/**
 * A bridge without a fixed address takes over a pod's, and then all neighbours must learn it again.
 *
 * @internal Exported for its test, which passes in what programs print.
 */
export function hardwareAddress(node: string): string {
  return ['0a', '58', ...node.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
}

function raiseKernelSetting(name: string, minimum: number): void {
  const file = `/proc/sys/${name}`;
  if (existsSync(file) && Number(readFileSync(file, 'utf8')) < minimum) writeFileSync(file, String(minimum));
}

/** Removes the host ends of the pods' veth pairs, and the bridge. */
export async function removeBridge(bridge: string): Promise<void> {
  if (!interfaceExists(bridge)) return;
  for (const port of portNames(await run('ip', ['-oneline', 'link', 'show', 'master', bridge]))) {
    await run('ip', ['link', 'delete', port], { mayFail: true });
  }
  await run('ip', ['link', 'delete', bridge], { mayFail: true });
}

/** From /proc, as /sys shows the network namespace in which it was mounted. */
export function interfaceExists(name: string): boolean {
  const lines = readFileSync('/proc/self/net/dev', 'utf8').split('\n');
  return lines.some((line) => line.trim().startsWith(`${name}:`));
}

/**
 * Names in the output of `ip -oneline link show`; a veth's name is followed by `@` and its peer.
 *
 * @internal A test ties it to its other copies.
 */
export function portNames(text: string): string[] {
  return text.split('\n').flatMap((line) => /^\d+: ([^:@\s]+)/.exec(line)?.[1] ?? []);
}

export async function removeChains(prefixes: readonly string[]): Promise<void> {
  for (const family of ['iptables', 'ip6tables']) {
    const script = removalScript(await savedRules(family), prefixes);
    if (script !== undefined)
      await run(`${family}-restore`, ['--noflush', '--wait', '10'], { input: script });
  }
}

/** Output of `iptables-save`; '' where the program does not exist. */
export function savedRules(family: string): Promise<string> {
  return run(`${family}-save`, [], { mayFail: true });
}

/** libcni stores every pod's result under the name of its network, in a folder shared by all its users. */
export async function removeCniResults(bridge: string): Promise<void> {
  const folder = '/var/lib/cni/results';
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith(`${bridge}-`)) await rm(`${folder}/${name}`, { force: true });
  }
}
