import { expect } from 'vitest';
import { type HostSender, hostToken } from '../../../core/host-token.ts';
import { Attribute, hostPath, MetricLabel, platformStream, unknownSender } from '../../../core/telemetry.ts';
import { rowsArrive, rowsOf, seriesArrive, spansArrive } from './ask.ts';
import { stackTest } from './fixture.ts';
import { logsOf, metricsOf, tracesOf } from './signals.ts';
import { gatewayToken, shopPod } from './stack.ts';

const { test, stack } = stackTest([
  shopPod('mine', 'web', '127.0.0.2'),
  shopPod('theirs', 'web', '127.0.0.3'),
]);

const mine: HostSender = { namespace: 'wt-shop--mine', environmentId: 'id-of-mine', service: 'web' };
const theirs = { ...mine, namespace: 'wt-shop--theirs', environmentId: 'id-of-theirs' };
const token = hostToken(gatewayToken, mine);

/** What a process could say to be the other environment's. */
const claimed = {
  [Attribute.namespace]: theirs.namespace,
  [Attribute.environment]: 'shop/theirs',
  [Attribute.environmentId]: theirs.environmentId,
  [Attribute.service]: 'worker',
  'coppice.host.token': hostToken('guessed', theirs),
  'coppice.host.signed': 'wt-shop--theirs.id-of-theirs.web',
  'coppice.host.current': theirs.environmentId,
};

test('what a process of this machine sends lands in the environment of its token, whatever it says', async () => {
  const { sendFromHost } = stack();
  const traceId = 'a'.repeat(32);
  const sent = await Promise.all([
    sendFromHost(token, 'logs', logsOf([{ resource: claimed, attributes: claimed, body: 'from the host' }])),
    sendFromHost(
      token,
      'metrics',
      metricsOf([{ resource: claimed, attributes: claimed, name: 'hosted', value: 1 }]),
    ),
    sendFromHost(
      token,
      'traces',
      tracesOf([{ traceId, resource: claimed, attributes: claimed, name: 'hosted' }]),
    ),
  ]);
  expect(sent).toEqual([200, 200, 200]);
  const own = {
    [Attribute.namespace]: mine.namespace,
    [Attribute.environment]: 'shop/mine',
    [Attribute.environmentId]: mine.environmentId,
    [Attribute.app]: 'shop',
  };
  const [row] = await rowsArrive(stack(), '"from the host"');
  expect(row).toMatchObject({ ...own, [Attribute.service]: 'web', [Attribute.container]: 'wt-run' });
  expect(Object.keys(row ?? {}).filter((name) => name.startsWith('coppice.host'))).toEqual([]);
  const [series] = await seriesArrive(stack(), 'hosted');
  expect(series?.metric).toMatchObject({
    [MetricLabel.namespace]: mine.namespace,
    [MetricLabel.service]: 'web',
  });
  const [span] = await spansArrive(stack(), 'web', { [Attribute.namespace]: mine.namespace });
  expect(span?.attributes).toMatchObject(own);
  expect(await rowsOf(stack(), `{${Attribute.namespace}="${theirs.namespace}"}`)).toEqual([]);
});

test('the way through the gateway makes no traces of its own', async () => {
  const { sendAsGateway } = stack();
  const traceId = 'c'.repeat(32);
  const address = 'http://10.213.0.9:4320';
  await sendAsGateway(
    gatewayToken,
    tracesOf([
      { traceId, name: 'POST', attributes: { 'url.path': `${hostPath}/v1/logs` } },
      { traceId, kind: 3, name: 'ReverseProxy', attributes: { 'url.full': `${address}${hostPath}/v1/logs` } },
      { traceId, spanId: 'd'.repeat(16), name: 'other', attributes: { 'url.path': '/' } },
    ]),
  );
  const found = await spansArrive(stack(), 'gateway', { [Attribute.namespace]: platformStream });
  expect(found.map(({ name }) => name)).toEqual(['other']);
});

const cases: readonly (readonly [what: string, shown: string | undefined])[] = [
  ['no token', undefined],
  ['a text that is none', 'wt-shop--theirs'],
  ["another environment's names with its own signature", token.replaceAll('mine', 'theirs')],
  ['a token for another service with its own signature', token.replace('.web.', '.worker.')],
  ['a token that another key signed', hostToken('guessed', theirs)],
  [
    'the token of an environment that was created again',
    hostToken(gatewayToken, { ...theirs, environmentId: '0ld1' }),
  ],
  [
    'the token of an environment that is gone',
    hostToken(gatewayToken, { ...theirs, namespace: 'wt-shop--gone' }),
  ],
];

test.for(cases)('who shows %s is an unknown sender in the stream of the platform', async ([what, shown]) => {
  const { sendFromHost } = stack();
  const body = `sent with ${what}`;
  expect(await sendFromHost(shown, 'logs', logsOf([{ resource: claimed, body }]))).toBe(200);
  const [row] = await rowsArrive(stack(), `_msg:="${body}"`);
  expect(row).toMatchObject({
    [Attribute.namespace]: platformStream,
    [Attribute.service]: unknownSender,
    [Attribute.app]: platformStream,
  });
  expect(row).not.toHaveProperty([Attribute.environment]);
  expect(row).not.toHaveProperty([Attribute.environmentId]);
  expect(JSON.stringify(row)).not.toContain(shown ?? 'coppice.host');
});
