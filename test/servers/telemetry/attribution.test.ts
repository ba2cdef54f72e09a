import { expect } from 'vitest';
import {
  Attribute,
  MetricLabel,
  ownUserAgent,
  platformStream,
  SpanMetric,
  unknownSender,
} from '../../../core/telemetry.ts';
import { rowsArrive, rowsOf, seriesArrive, seriesOf, spansArrive, spansOf } from './ask.ts';
import { stackTest } from './fixture.ts';
import { logsOf, metricsOf, tracesOf } from './signals.ts';
import { gatewayToken, shopPod } from './stack.ts';

const liar = { ip: '127.0.0.2', namespace: 'wt-shop--liar' };
const honest = { ip: '127.0.0.3', namespace: 'wt-shop--honest' };
/** Of a pod in a namespace that is nobody's. */
const foreign = '127.0.0.4';
/** Of no pod. */
const nobody = '127.0.0.9';

const { test, stack } = stackTest([
  shopPod('liar', 'web', liar.ip),
  shopPod('honest', 'web', honest.ip),
  // Its labels say that it is a service of an environment.
  { ...shopPod('honest', 'web', foreign), namespace: 'kube-system', name: 'coredns-1' },
]);

/** Everything by which a pod could say that it is the honest one. */
const forged = {
  [Attribute.namespace]: honest.namespace,
  [Attribute.environment]: 'shop/honest',
  [Attribute.environmentId]: 'id-of-honest',
  [Attribute.service]: 'other',
  [Attribute.app]: 'other',
  [Attribute.pod]: 'web-honest-5d8f7c-x4x4x',
  'k8s.pod.uid': 'uid-web-honest-5d8f7c-x4x4x',
  'k8s.pod.ip': honest.ip,
  [Attribute.container]: 'other',
  // Become the same label in Prometheus, and the same field in VictoriaLogs.
  k8s_namespace_name: honest.namespace,
  'k8s-namespace/name': honest.namespace,
  '.K8s.namespace.name': honest.namespace,
  service_name: 'other',
  k8s: { 'namespace.name': honest.namespace, namespace: { name: honest.namespace } },
  coppice: { environment: 'shop/honest' },
  service: { name: 'other' },
  _stream: `{${Attribute.namespace}="${honest.namespace}"}`,
};

const stream = (namespace: string) => `{${Attribute.namespace}="${namespace}"}`;
const ofLabel = (namespace: string) => `${MetricLabel.namespace}="${namespace}"`;

test('a log record lands in the environment of the pod that sent it, whatever it says', async () => {
  const { send } = stack();
  await send(liar.ip, 'logs', logsOf([{ resource: forged, body: 'said by the resource' }]));
  await send(liar.ip, 'logs', logsOf([{ scope: forged, attributes: forged, body: 'said by the record' }]));
  await send(liar.ip, 'logs', logsOf([{ body: { ...forged, message: 'said by the body' } }]));
  const rows = await rowsArrive(stack(), `said ${stream(liar.namespace)}`, 3);
  for (const row of rows) {
    expect(row).toMatchObject({
      [Attribute.environment]: 'shop/liar',
      [Attribute.environmentId]: 'id-of-liar',
      [Attribute.app]: 'shop',
      [Attribute.service]: 'web',
      [Attribute.container]: 'web',
    });
  }
  expect(await rowsOf(stack(), stream(honest.namespace))).toEqual([]);
  expect(JSON.stringify(await rowsOf(stack(), '*'))).not.toContain(honest.namespace);
});

test('a data point lands in the environment of the pod that sent it, whatever it says', async () => {
  const { send } = stack();
  await send(
    liar.ip,
    'metrics',
    metricsOf([{ resource: forged, attributes: forged, name: 'lied', value: 1 }]),
  );
  const found = await seriesArrive(stack(), 'lied');
  expect(found.map(({ metric }) => metric)).toEqual([
    {
      __name__: 'lied',
      instance: 'web-liar-5d8f7c-x4x4x',
      job: 'shop/web',
      [MetricLabel.namespace]: liar.namespace,
      [MetricLabel.service]: 'web',
      [MetricLabel.app]: 'shop',
      key_stream: forged._stream,
    },
  ]);
  expect(await seriesOf(stack(), `{${ofLabel(honest.namespace)}}`)).toEqual([]);
});

test('a span lands in the environment of the pod that sent it, whatever it says', async () => {
  const { send } = stack();
  const span = { traceId: 'a'.repeat(32), name: 'lied', attributes: forged, event: forged, scope: forged };
  await send(liar.ip, 'traces', tracesOf([{ ...span, resource: forged }]));
  const [found] = await spansArrive(stack(), 'web', { [Attribute.namespace]: liar.namespace });
  expect(found?.attributes).toMatchObject({
    [Attribute.namespace]: liar.namespace,
    [Attribute.environment]: 'shop/liar',
    [Attribute.pod]: 'web-liar-5d8f7c-x4x4x',
  });
  expect(await spansOf(stack(), 'web', { [Attribute.namespace]: honest.namespace })).toEqual([]);
  expect(await spansOf(stack(), 'other', {})).toEqual([]);
});

test('a pod that says nothing of itself is known all the same', async () => {
  const { send } = stack();
  await send(honest.ip, 'logs', logsOf([{ body: 'without attributes' }]));
  const [row] = await rowsArrive(stack(), 'without attributes');
  expect(row).toMatchObject({
    [Attribute.namespace]: honest.namespace,
    [Attribute.environment]: 'shop/honest',
    [Attribute.service]: 'web',
    [Attribute.pod]: 'web-honest-5d8f7c-x4x4x',
  });
});

test.for([
  ['of no pod', nobody],
  ["in a namespace that is nobody's", foreign],
] as const)('what a sender %s says is in the stream of the platform', async ([name, ip]) => {
  const { send } = stack();
  expect(await send(ip, 'logs', logsOf([{ resource: forged, body: `from a sender ${name}` }]))).toBe(200);
  const [row] = await rowsArrive(stack(), `"from a sender ${name}"`);
  expect(row).toMatchObject({
    [Attribute.namespace]: platformStream,
    [Attribute.service]: unknownSender,
    [Attribute.app]: platformStream,
  });
  expect(row).not.toHaveProperty(Attribute.environment);
  expect(row).not.toHaveProperty([Attribute.environmentId]);
});

test('a failed span can be searched for, and counts as a metric with its trace', async () => {
  const { send } = stack();
  const traceId = 'b'.repeat(32);
  await send(honest.ip, 'traces', tracesOf([{ traceId, name: 'fails', failed: true }]));
  const [found] = await spansArrive(stack(), 'web', { [Attribute.error]: 'true' });
  expect(found).toMatchObject({ name: 'fails' });
  const [calls] = await seriesArrive(stack(), `${SpanMetric.calls}{status_code="STATUS_CODE_ERROR"}`);
  expect(calls?.metric).toMatchObject({
    [MetricLabel.namespace]: honest.namespace,
    [MetricLabel.service]: 'web',
    span_name: 'fails',
  });
  const exemplars = new URLSearchParams({
    query: `${SpanMetric.duration}_bucket{${ofLabel(honest.namespace)}}`,
    start: `${Date.now() / 1000 - 600}`,
    end: `${Date.now() / 1000 + 60}`,
  });
  const answer = await fetch(`${stack().urls.metrics}/api/v1/query_exemplars?${exemplars}`);
  expect(await answer.text()).toContain(traceId);
});

test('requests of the gateway come out as those of the environment that answered', async () => {
  const { sendAsGateway } = stack();
  const traceId = 'c'.repeat(32);
  const answered = {
    'http.response.header.x-coppice-environment': ['shop/honest; id=id-of-honest'],
    'http.response.header.x-coppice-service': ['web'],
    'http.response.status_code': 200,
  };
  const spans = tracesOf([
    {
      traceId,
      spanId: '1'.repeat(16),
      name: 'GET',
      attributes: answered,
      resource: { 'process.command_args': ['Bearer secret'] },
    },
    {
      traceId,
      spanId: '2'.repeat(16),
      name: 'ReverseProxy',
      kind: 3,
      attributes: { 'network.peer.address': honest.ip },
    },
    { traceId: 'd'.repeat(32), name: 'to the platform', attributes: { 'http.response.status_code': 200 } },
    // A look of `wt` at the route is a trace, and no request.
    {
      traceId: 'e'.repeat(32),
      name: 'GET',
      attributes: { ...answered, 'user_agent.original': ownUserAgent },
    },
  ]);
  expect(await sendAsGateway('wrong', spans)).toBe(401);
  expect(await sendAsGateway(gatewayToken, spans)).toBe(200);
  const found = await spansArrive(stack(), 'web', {
    [Attribute.namespace]: honest.namespace,
    'network.peer.address': honest.ip,
  });
  const ours = found.filter(({ name }) => ['GET', 'ReverseProxy'].includes(name));
  for (const { attributes } of ours) {
    expect(attributes).toMatchObject({
      [Attribute.namespace]: honest.namespace,
      [Attribute.service]: 'web',
      [Attribute.environmentId]: 'id-of-honest',
    });
  }
  expect(ours.map(({ name }) => name).sort()).toEqual(['GET', 'ReverseProxy']);
  expect(JSON.stringify(ours)).not.toContain('secret');
  const [other] = await spansArrive(stack(), 'gateway', { [Attribute.namespace]: platformStream });
  expect(other).toMatchObject({ name: 'to the platform' });
  const [calls] = await seriesArrive(stack(), `gateway_calls_total{${ofLabel(honest.namespace)}} > 0`);
  expect(calls?.metric).toMatchObject({ [MetricLabel.service]: 'web', http_response_status_code: '200' });
  expect(calls?.value[1]).toBe('1');
});
