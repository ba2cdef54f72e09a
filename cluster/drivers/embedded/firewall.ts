import type { Addresses } from './addresses.ts';

export interface FirewallContext {
  readonly addresses: Addresses;
  readonly bridge: string;
  readonly apiPort: number;
}

/** Where our chains are attached, and what is in them. Only their names mark them as ours. */
interface Chain {
  readonly table: string;
  readonly name: string;
  readonly from: string;
  readonly rules: readonly string[];
}

/** @internal A test ties it to its other copies. */
export function chains({ addresses, bridge, apiPort }: FirewallContext): Chain[] {
  const { node, podCidr, serviceCidr } = addresses;
  return [
    {
      // Before anything else: drops packets that claim to go to pods or services but come in on another interface.
      table: 'raw',
      name: 'COPPICE-PREROUTING',
      from: 'PREROUTING',
      rules: [
        `-i ${bridge} -j RETURN`,
        '-i lo -j RETURN',
        `-d ${podCidr} -j DROP`,
        `-d ${serviceCidr} -j DROP`,
      ],
    },
    {
      table: 'nat',
      name: 'COPPICE-POSTROUTING',
      from: 'POSTROUTING',
      rules: [`-s ${podCidr} ! -d ${podCidr} ! -o ${bridge} -j MASQUERADE`],
    },
    {
      // Docker and firewalls set FORWARD's policy to DROP; pods must still reach each other and the outside.
      table: 'filter',
      name: 'COPPICE-FORWARD',
      from: 'FORWARD',
      rules: [`-i ${bridge} -j ACCEPT`, `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`],
    },
    {
      table: 'filter',
      name: 'COPPICE-INPUT',
      from: 'INPUT',
      rules: [
        `-i ${bridge} -d ${node} -p tcp -m tcp --dport ${apiPort} -j ACCEPT`,
        `-i ${bridge} -d ${node} -p udp -m udp --dport 53 -j ACCEPT`,
        `-i ${bridge} -d ${node} -p tcp -m tcp --dport 53 -j ACCEPT`,
      ],
    },
  ];
}

/** Script for `iptables-restore --noflush` that puts our chains first; nothing else is touched. */
export function installScript(context: FirewallContext): string {
  return chains(context)
    .flatMap(({ table, name, from, rules }) => [
      `*${table}`,
      `:${name} - [0:0]`,
      ...rules.map((rule) => `-A ${name} ${rule}`),
      `-I ${from} 1 -j ${name}`,
      'COMMIT',
      '',
    ])
    .join('\n');
}

export const policyChain = 'COPPICE-POLICY';
/** Number of the queue in which new connections wait for their verdict; every network namespace has its own. */
export const policyQueue = 213;

/**
 * Script for `iptables-restore --noflush` that asks for a verdict on each new connection between pods, before anything else
 * accepts it. While nobody listens to the queue connections pass: the cluster must not stand still because one process ended.
 * A queue that is full drops, and TCP tries again.
 */
export function policyScript({ addresses, bridge }: Pick<FirewallContext, 'addresses' | 'bridge'>): string {
  const asked = `-i ${bridge} -d ${addresses.podCidr} ! -p icmp -m conntrack --ctstate NEW`;
  return [
    '*filter',
    `:${policyChain} - [0:0]`,
    `-A ${policyChain} ${asked} -j NFQUEUE --queue-num ${policyQueue} --queue-bypass`,
    `-I FORWARD 1 -j ${policyChain}`,
    'COMMIT',
    '',
  ].join('\n');
}

/** Comments may contain anything, even what looks like a jump. */
const quoted = /"(?:\\.|[^"\\])*"/g;
/** Chains of ours, of our kube-proxy and of our CNI plugins. */
export const chainPrefixes: readonly string[] = ['COPPICE-', 'KUBE-', 'CNI-'];

/**
 * Takes the output of `iptables-save` and returns the script for `iptables-restore --noflush` that removes every chain
 * whose name has one of the prefixes and every rule elsewhere that jumps to one; undefined when there is none. All
 * other rules are kept.
 */
export function removalScript(
  saved: string,
  prefixes: readonly string[] = chainPrefixes,
): string | undefined {
  const ours = (chain: string | undefined) => prefixes.some((prefix) => chain?.startsWith(prefix));
  const script: string[] = [];
  let table = '';
  let removals: string[] = [];
  let declared: string[] = [];
  for (const line of saved.split('\n')) {
    const chain = /^:(\S+)/.exec(line)?.[1];
    const rule = /^-A (\S+) (?:.* )?-[jg] (\S+)/.exec(line.replaceAll(quoted, '""'));
    if (line.startsWith('*')) [table, removals, declared] = [line, [], []];
    else if (ours(chain)) declared.push(chain ?? '');
    else if (rule && !ours(rule[1]) && ours(rule[2])) removals.push(line.replace(/^-A/, '-D'));
    else if (line === 'COMMIT' && declared.length + removals.length > 0) {
      // Naming a chain with --noflush empties it, so the order of removal never meets a chain in use.
      script.push(table, ...declared.map((name) => `:${name} - [0:0]`), ...removals);
      script.push(...declared.map((name) => `-X ${name}`), 'COMMIT', '');
    }
  }
  return script.length === 0 ? undefined : script.join('\n');
}

/** Names of the chains with our prefixes in the output of `iptables-save`. */
export function chainsLeft(saved: string, prefixes: readonly string[] = chainPrefixes): string[] {
  return saved
    .split('\n')
    .flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? [])
    .filter((chain) => prefixes.some((prefix) => chain.startsWith(prefix)));
}
