import { expect, test } from 'vitest';
import { Label } from '../../../core/labels.ts';
import { partFacts } from '../../../core/part-facts.ts';
import { collectorPorts, telemetryServices } from '../../../core/telemetry.ts';
import { parts } from '../../../platform/parts.ts';
import type { Kinds } from '../../../resources/kubernetes-object.ts';

type Telemetry = 'collector' | 'logs' | 'metrics' | 'traces';
type Rule = NonNullable<Kinds['NetworkPolicy']['spec']>;

const node = '10.213.0.1/32';
const args = (nodes?: readonly string[]) => ({
  image: 'an-image',
  volume: { kind: 'host-path', path: '/var/lib/coppice/databases/any' } as const,
  shellImage: 'an-image',
  podLogs: '/var/log/pods',
  ingress: 'host-loopback' as const,
  ui: true,
  ...(nodes && { nodes }),
});

function specOf(part: Telemetry): Rule {
  const objects = parts[part].plan(args([node])).objects;
  const found = objects.find(({ kind }) => kind === 'NetworkPolicy');
  if (found?.kind !== 'NetworkPolicy') throw new Error(`${part} has no policy`);
  return found.body.spec;
}

/** Names of the Services, namespaces and networks that get in at a port. */
function guests(part: Telemetry, port: number): string[] {
  const { ingress } = JSON.parse(JSON.stringify(specOf(part)));
  return ingress.flatMap((rule: { ports: { port: number }[]; from?: Record<string, never>[] }) => {
    if (!rule.ports.some((one) => one.port === port)) return [];
    return (rule.from ?? [{ everybody: {} }]).map(
      (peer) => Object.values(peer).flatMap((one) => Object.values(flat(one)))[0] ?? 'everybody',
    );
  });
}
const flat = ({ matchLabels, ...rest }: { matchLabels?: object }) => ({ ...matchLabels, ...rest });

const readers = ['traefik', 'grafana', 'kube-system', node];

test.each([
  [
    'logs',
    telemetryServices.logs.ports.query,
    ['traefik', 'grafana', 'prometheus', 'kube-system', node, 'collector'],
  ],
  ['metrics', telemetryServices.metrics.ports.query, [...readers, 'collector']],
  ['traces', telemetryServices.traces.ports.query, readers],
  ['traces', telemetryServices.traces.ports.otlpGrpc, ['collector']],
  ['collector', collectorPorts.otlpGrpc, ['everybody']],
  ['collector', collectorPorts.otlpHttp, ['everybody']],
  ['collector', collectorPorts.gateway, ['traefik', 'kube-system', node]],
  ['collector', collectorPorts.host, ['traefik', 'kube-system', node]],
  ['collector', collectorPorts.metrics, ['prometheus']],
  ['collector', collectorPorts.health, []],
] as const)('to %s at port %i come these alone', (part, port, expected) => {
  expect(guests(part, port)).toEqual(expected);
});

test('each policy is about the pod of its own part, and about who comes in', () => {
  for (const part of ['collector', 'logs', 'metrics', 'traces'] as const) {
    expect(specOf(part)).toMatchObject({
      podSelector: { matchLabels: { [Label.service]: partFacts[part].service } },
      policyTypes: ['Ingress'],
    });
  }
});

test('where the addresses of the nodes are not known nobody is kept out, as `wt` would be too', () => {
  for (const part of ['collector', 'logs', 'metrics', 'traces'] as const) {
    const kinds = parts[part].plan(args()).objects.map(({ kind }) => kind);
    expect(kinds).toContain('Deployment');
    expect(kinds).not.toContain('NetworkPolicy');
  }
});
