import { describe, expect, test } from 'vitest';
import {
  chains,
  chainsLeft,
  installScript,
  policyQueue,
  policyScript,
  removalScript,
} from '../../../../cluster/drivers/embedded/firewall.ts';
import { configContext } from './fixture.ts';

const { addresses, layout, apiPort } = configContext;

describe('our chains', () => {
  const rules = chains({ addresses, bridge: layout.bridge, apiPort });

  test('drop what goes to pods or services and comes in on another interface, after accepting the bridge and lo', () => {
    expect(rules.find(({ table }) => table === 'raw')?.rules).toEqual([
      '-i coppice0 -j RETURN',
      '-i lo -j RETURN',
      '-d 10.213.0.0/16 -j DROP',
      '-d 10.214.0.0/16 -j DROP',
    ]);
  });

  test('are recognized by their name, within the 28 characters that iptables allows', () => {
    for (const { name } of rules) expect(name).toMatch(/^COPPICE-[A-Z]{1,20}$/);
  });

  test('accept nothing that does not come from the bridge', () => {
    for (const rule of rules.flatMap((chain) => chain.rules).filter((text) => text.endsWith('ACCEPT'))) {
      expect(rule).toMatch(/^-i coppice0 |^-o coppice0 -m conntrack --ctstate RELATED,ESTABLISHED/);
    }
  });

  test('are installed without deleting or changing anything else', () => {
    const lines = installScript({ addresses, bridge: layout.bridge, apiPort }).split('\n');
    for (const line of lines.filter((text) => text.startsWith(':'))) expect(line).toMatch(/^:COPPICE-/);
    expect(lines.filter((text) => /^-[DFXP]/.test(text))).toEqual([]);
  });
});

describe('the rule that asks for verdicts', () => {
  const lines = policyScript({ addresses, bridge: layout.bridge }).split('\n');
  const rule = lines.find((line) => line.startsWith('-A '));

  test('sees new connections between pods, before anything accepts them', () => {
    expect(rule).toContain('-i coppice0 -d 10.213.0.0/16 ');
    expect(rule).toContain(`--ctstate NEW -j NFQUEUE --queue-num ${policyQueue}`);
    expect(lines).toContain('-I FORWARD 1 -j COPPICE-POLICY');
  });

  test('lets them pass while nobody decides', () => {
    expect(rule).toMatch(/--queue-bypass$/);
  });

  test('is removed with our other chains', () => {
    const saved =
      '*filter\n:FORWARD ACCEPT [0:0]\n:COPPICE-POLICY - [0:0]\n-A FORWARD -j COPPICE-POLICY\nCOMMIT\n';
    expect(removalScript(saved)).toContain('-X COPPICE-POLICY');
  });
});

const docker = `*nat
:PREROUTING ACCEPT [1:60]
:INPUT ACCEPT [1:60]
:OUTPUT ACCEPT [2:120]
:POSTROUTING ACCEPT [2:120]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER -p tcp -m comment --comment "not KUBE-SERVICES -j KUBE-X" -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A DOCKER-USER -j RETURN
COMMIT
`;

const mixed = `*raw
:PREROUTING ACCEPT [0:0]
:COPPICE-PREROUTING - [0:0]
-A PREROUTING -j COPPICE-PREROUTING
-A COPPICE-PREROUTING -i lo -j RETURN
COMMIT
*nat
:PREROUTING ACCEPT [1:60]
:POSTROUTING ACCEPT [2:120]
:DOCKER - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SERVICES - [0:0]
:CNI-0123 - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 10.213.0.2/32 -m comment --comment "name: \\"x\\"" -j CNI-0123
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A KUBE-SERVICES -d 10.214.0.1/32 -j KUBE-MARK-MASQ
COMMIT
`;

describe('removal', () => {
  test('has nothing to do if only others have rules', () => {
    expect(removalScript(docker)).toBeUndefined();
    expect(removalScript('')).toBeUndefined();
  });

  test('removes our chains and the jumps to them, and touches no others', () => {
    expect(removalScript(mixed)?.split('\n').filter(Boolean)).toEqual([
      '*raw',
      ':COPPICE-PREROUTING - [0:0]',
      '-D PREROUTING -j COPPICE-PREROUTING',
      '-X COPPICE-PREROUTING',
      'COMMIT',
      '*nat',
      ':KUBE-MARK-MASQ - [0:0]',
      ':KUBE-SERVICES - [0:0]',
      ':CNI-0123 - [0:0]',
      '-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-D POSTROUTING -s 10.213.0.2/32 -m comment --comment "name: \\"x\\"" -j CNI-0123',
      '-X KUBE-MARK-MASQ',
      '-X KUBE-SERVICES',
      '-X CNI-0123',
      'COMMIT',
    ]);
  });

  test('can be limited to some prefixes', () => {
    const script = removalScript(mixed, ['COPPICE-']) ?? '';
    expect(script).toContain('-X COPPICE-PREROUTING');
    expect(script).not.toContain('KUBE');
  });

  test('ignores a comment that only mentions our names', () => {
    expect(removalScript(docker.replace(' -j DNAT --to-destination 172.17.0.2:80', ''))).toBeUndefined();
  });

  test('remaining chains are found by their declarations', () => {
    expect(chainsLeft(mixed)).toEqual(['COPPICE-PREROUTING', 'KUBE-MARK-MASQ', 'KUBE-SERVICES', 'CNI-0123']);
    expect(chainsLeft(docker)).toEqual([]);
  });
});
