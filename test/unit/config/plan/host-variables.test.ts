import { expect, test } from 'vitest';
import { type HostPlace, hostVariables, servicesToForward } from '../../../../config/plan/host-variables.ts';
import { nodeOptions } from '../../../../config/plan/instrumentation.ts';
import { parseSpec } from '../../../../config/spec/load.ts';

const spec = parseSpec(
  `version: 1
name: shop
database: {}
temporal: {}
services:
  web:
    runtime: node
    command: node web.js
    port: 3000
    env:
      API: "\${services.api.url}/v1"
      API_PORT: "\${services.api.port}"
      CACHE: "redis://\${services.cache.host}:\${services.cache.port}/0"
      DB: "\${database.url}&x=1"
      DB_PORT: "\${database.port}"
      LITERAL: "$\${HOME}"
      OTEL_SERVICE_NAME: own
  api: { runtime: node, command: node api.js, port: 4000, primary: false }
  cache: { image: redis, port: 6379, protocol: tcp }
`,
  { file: 'coppice.yaml' },
);

const none = { apiKey: '', clientCert: '', clientKey: '', serverCa: '' };
const database = {
  url: 'postgres://me:p%40ss@127.0.0.1:15432/wt_shop__main',
  ...{ host: '127.0.0.1', port: '15432', name: 'wt_shop__main', user: 'me', password: 'p@ss' },
};
const place: HostPlace = {
  ...{ slug: 'feat', branch: 'feat', commit: 'abc', specFolder: '/shop', httpPort: 8080 },
  database,
  temporal: { address: '127.0.0.1:17233', namespace: 'wt-shop--feat', tls: 'false', ...none },
  forwarded: { cache: { host: '127.0.0.1', port: 40_001 } },
  held: [40_001],
};

test('references lead to what this machine reaches: routes, published ports, and ports that are held', () => {
  const { variables } = hostVariables(spec, 'web', place);
  expect(variables).toMatchObject({
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: '127.0.0.1:17233',
    TEMPORAL_NAMESPACE: 'wt-shop--feat',
    API: 'http://api.feat.shop.localhost:8080/v1',
    API_PORT: '8080',
    CACHE: 'redis://127.0.0.1:40001/0',
    DB_PORT: '15432',
    LITERAL: '${HOME}',
    OTEL_SERVICE_NAME: 'own',
  });
  expect(variables.OTEL_RESOURCE_ATTRIBUTES).toContain('coppice.environment=shop%2Ffeat');
  // Those of the pod: the ledger has this machine's.
  for (const name of ['PORT', 'HOST', 'TEMPORAL_TLS', 'TEMPORAL_API_KEY'])
    expect(variables).not.toHaveProperty(name);
});

test('what has a password in it, and what leads nowhere afterwards, is known', () => {
  const { secret, passing } = hostVariables(spec, 'web', place);
  expect(secret).toEqual(['DATABASE_URL', 'DB']);
  expect(passing).toEqual(['CACHE']);
});

test('without a service there is only what is the whole environment’s', () => {
  const { variables } = hostVariables(spec, undefined, place);
  expect(Object.keys(variables).sort()).toEqual([
    'DATABASE_URL',
    'OTEL_RESOURCE_ATTRIBUTES',
    'OTEL_SDK_DISABLED',
    'OTEL_SERVICE_NAME',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
  ]);
});

const collector = { endpoint: 'http://127.0.0.1:8080/.coppice/otlp', token: 'wt-shop--feat.1d.api.5e' };

test('signals of this machine go to the Collector by HTTP, with the token of the environment', () => {
  const { variables, secret } = hostVariables(spec, 'api', { ...place, collector });
  expect(variables).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: `x-coppice-token=${collector.token}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_SERVICE_NAME: 'api',
    // Nothing else takes what it logs.
    OTEL_LOGS_EXPORTER: 'otlp',
  });
  expect(variables).not.toHaveProperty('OTEL_SDK_DISABLED');
  expect(secret).toContain('OTEL_EXPORTER_OTLP_HEADERS');
});

const withEnv = (env: Readonly<Record<string, string>>) => {
  const { api } = spec.services;
  if (api === undefined) throw new Error('the spec has no api');
  return { ...spec, services: { ...spec.services, api: { ...api, env } } };
};

test.for(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])(
  'a service that sends elsewhere by %s does not show our token there',
  (name) => {
    const own = { [name]: 'https://example.com', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    const { variables } = hostVariables(withEnv(own), 'api', { ...place, collector });
    expect(variables).toMatchObject(own);
    expect(JSON.stringify(variables)).not.toContain(collector.token);
  },
);

test('a service that sends gRPC from its pods sends HTTP from this machine', () => {
  const own = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const { variables } = hostVariables(withEnv(own), 'api', { ...place, collector });
  expect(variables.OTEL_EXPORTER_OTLP_PROTOCOL).toBe('http/protobuf');
});

test('what node loads may lie in a folder with a blank in its path', () => {
  expect(nodeOptions('--inspect', '/my apps/x')).toBe('"--require=/my apps/x/preload.cjs" --inspect');
});

test('telemetry of this machine is off where the Collector is not reached', () => {
  const { variables } = hostVariables({ ...spec, telemetry: {} }, 'api', place);
  expect(variables.OTEL_SDK_DISABLED).toBe('true');
  expect(variables).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
});

test('a managed Temporal server has its keys, under the names that its SDKs read', () => {
  const temporal = { address: 'a:7233', namespace: 'n', tls: 'true', ...none, apiKey: 'key' };
  const { variables, secret } = hostVariables(spec, undefined, { ...place, temporal });
  expect(variables).toMatchObject({ TEMPORAL_TLS: 'true', TEMPORAL_API_KEY: 'key' });
  expect(secret).toContain('TEMPORAL_API_KEY');
});

test('a port is held only for services without a URL that a variable refers to', () => {
  expect(servicesToForward(spec, 'web')).toEqual(['cache']);
  expect(servicesToForward(spec, 'api')).toEqual([]);
});

test("an SQLite file is this machine's", () => {
  const sqlite = parseSpec(
    'version: 1\nname: shop\ndatabase: { engine: sqlite, file: data/app.db }\nservices:\n  web: { runtime: node, command: node web.js, port: 3000, env: { FILE: "${database.file}" } }\n',
    { file: 'coppice.yaml' },
  );
  const { database: _, temporal: __, ...rest } = place;
  expect(hostVariables(sqlite, 'web', rest).variables.FILE).toBe('/shop/data/app.db');
});
