import { describe, expect, test } from 'vitest';
import { type Protocol, protocolOf } from '../../../../config/spec/protocol.ts';
import { deploymentSpec, serviceSpec } from '../../../../infra/environment/deployment.ts';
import { expectations } from '../../../../infra/environment/expectations.ts';
import { planOf } from '../../../golden/plans.ts';
import { problemsIn } from './problems-in.ts';

const head = 'version: 1\nname: shop\nservices:\n';
const shop = (...services: string[]) => head + services.map((line) => `  ${line}\n`).join('');
const web = 'web: { image: a/b, port: 3000 }';

describe('the protocol of a service', () => {
  test.each<[string, Parameters<typeof protocolOf>[0], Protocol]>([
    ['is HTTP', { port: 3000 }, 'http'],
    ['is what the port usually speaks', { port: 6379 }, 'tcp'],
    ['is gRPC at the port of its examples', { port: 50051 }, 'grpc'],
    ['is what the spec says, whatever the port', { port: 6379, protocol: 'http' }, 'http'],
    ['is HTTP for the primary service, whatever the port', { port: 9092, primary: true }, 'http'],
    ['is HTTP where there are paths', { port: 9092, paths: ['/api'] }, 'http'],
    ['is HTTP where there is a ready path', { port: 9092, ready: { path: '/' } }, 'http'],
  ])('%s', (_what, service, protocol) => {
    expect(protocolOf(service)).toBe(protocol);
  });
});

describe('a service of tcp', () => {
  const plan = planOf(shop(web, 'cache: { image: a/b, port: 7000, protocol: tcp }'));

  test('has no route, is asked nothing by HTTP, and leaves the other service primary', () => {
    expect(plan.routes.map(({ service }) => service)).toEqual(['web']);
    expect(expectations(plan, 80).routes.map(({ service }) => service)).toEqual(['web']);
  });

  test('is ready when its port accepts connections, and has an address in the cluster', () => {
    const [, cache] = plan.services;
    if (!cache) throw new Error('the plan has two services');
    const template = deploymentSpec(plan, cache, { environmentId: 'x' }).template;
    expect(template).toMatchObject({
      spec: { containers: [{ readinessProbe: { tcpSocket: { port: 7000 } } }] },
    });
    expect(serviceSpec(cache)).toMatchObject({ ports: [{ name: 'tcp', port: 7000 }] });
  });
});

describe('a service of gRPC', () => {
  const plan = planOf(shop(web, 'rpc: { image: a/b, port: 9000, protocol: grpc }'));

  test('has a route over HTTP/2 without TLS, and any answer of it will do', () => {
    const [, rpc] = plan.services;
    if (!rpc) throw new Error('the plan has two services');
    expect(serviceSpec(rpc)).toMatchObject({ ports: [{ appProtocol: 'kubernetes.io/h2c' }] });
    expect(expectations(plan, 80).routes).toEqual([
      { service: 'web', host: 'feat-login.shop.localhost', path: '/' },
      { service: 'rpc', host: 'rpc.feat-login.shop.localhost', path: '/', http2: true },
    ]);
  });

  test('is primary where it is the only service', () => {
    const alone = planOf(shop('rpc: { image: a/b, port: 50051 }'));
    expect(alone.routes.map(({ host }) => host)).toEqual(['feat-login.shop.localhost']);
  });
});

test.each([
  [
    'cache: { image: a/b, port: 7000, protocol: tcp, primary: true }',
    'service cache speaks tcp, so it cannot have primary',
  ],
  [
    'cache: { image: a/b, port: 7000, protocol: tcp, paths: [/c] }',
    'service cache speaks tcp, so it cannot have paths',
  ],
  [
    'cache: { image: a/b, port: 7000, protocol: grpc, ready: { path: /h } }',
    'service cache speaks grpc, so it cannot have ready',
  ],
  ['cache: { image: a/b, protocol: tcp }', 'service cache has protocol but no port'],
  [
    'cache: { image: a/b, port: 7000, protocol: udp }',
    'services.cache.protocol must be one of http, h2c, grpc, tcp, not "udp"',
  ],
  [
    'api: { image: a/b, env: { A: "${services.cache.url}" } }',
    '${services.cache.url}: cache speaks tcp, so it has no URL',
  ],
])('%s is refused at its line', (line, message) => {
  const cache = line.startsWith('cache') ? [] : ['cache: { image: a/b, port: 6379 }'];
  const found = problemsIn(shop('web: { image: a/b, port: 3000, primary: true }', line, ...cache));
  expect(found.map(({ message, line }) => ({ message, line }))).toContainEqual({ message, line: 5 });
});
