import type { networking } from '@pulumi/kubernetes/types/input.js';
import { Label } from '../core/labels.ts';
import { type PartName, partFacts } from '../core/part-facts.ts';
import type { PartObject } from './part.ts';

/** Who may open connections to which ports of a pod. */
export interface Entrance {
  /** Every port when absent. */
  readonly ports?: readonly number[];
  readonly from: 'everybody' | readonly networking.v1.NetworkPolicyPeer[];
}

/**
 * Refuses every connection to the pod of a Service that none of the entrances lets in. The kubelet always gets in. It does
 * nothing in a cluster whose network enforces no policies.
 */
export function entrancePolicy(service: string, entrances: readonly Entrance[]): PartObject<'NetworkPolicy'> {
  return {
    kind: 'NetworkPolicy',
    name: service,
    body: {
      spec: {
        podSelector: { matchLabels: { [Label.service]: service } },
        policyTypes: ['Ingress'],
        ingress: entrances.map(ruleOf),
      },
    },
  };
}

function ruleOf({ ports, from }: Entrance): networking.v1.NetworkPolicyIngressRule {
  return {
    ...(ports === undefined ? {} : { ports: ports.map((port) => ({ port, protocol: 'TCP' })) }),
    ...(from === 'everybody' ? {} : { from: [...from] }),
  };
}

/** The pod of a part of the platform. */
export function podOf(part: PartName): networking.v1.NetworkPolicyPeer {
  return { podSelector: { matchLabels: { [Label.service]: partFacts[part].service } } };
}

/**
 * The API server, through which `wt` reads, and a gateway on the network of its node. Some clusters put an agent in the
 * namespace kube-system between the API server and the nodes.
 */
export function nodesAt(addresses: readonly string[]): networking.v1.NetworkPolicyPeer[] {
  return [
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
    ...addresses.map((cidr) => ({ ipBlock: { cidr } })),
  ];
}
