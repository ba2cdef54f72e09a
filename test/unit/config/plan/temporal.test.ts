import { describe, expect, test } from 'vitest';
import { planEnvironment } from '../../../../config/plan/plan.ts';
import { secretVariables } from '../../../../config/plan/worktree-pod.ts';
import { managedTemporal } from '../../../../config/settings/temporal.ts';
import { parseSpec } from '../../../../config/spec/load.ts';
import { searchAttributeRoom, searchAttributeTypes } from '../../../../config/spec/search-attributes.ts';
import { temporalInputs } from '../../../../resources/temporal-namespace/inputs.ts';
import { identity, record } from '../../../golden/plans.ts';
import { messagesIn, problemsIn } from '../spec/problems-in.ts';

const head = 'version: 1\nname: shop\n';
const withEnv = (env: string, temporal = '') =>
  `${head}services: { api: { image: a/b, env: { ${env} } } }\n${temporal}\n`;
const attributes = (count: number, type: string) =>
  `temporal: { searchAttributes: { ${Array.from({ length: count }, (_, index) => `A${index}: ${type}`).join(', ')} } }`;

describe('the spec of a Temporal namespace', () => {
  test.each([
    ['nothing but its presence', 'temporal: {}'],
    [
      'everything',
      'temporal: { server: managed, retention: 7d, searchAttributes: { CustomerId: Keyword, total_2: Double } }',
    ],
    ['a retention of the shortest time', 'temporal: { retention: 1h }'],
    ['a retention of the longest time', 'temporal: { retention: 3650d }'],
    ['a retention of the longest time in hours', 'temporal: { retention: 87600h }'],
    [
      'a search attribute that is only called like a type',
      'temporal: { searchAttributes: { Keyword: Keyword } }',
    ],
    ['a search attribute of 64 characters', `temporal: { searchAttributes: { ${'A'.repeat(64)}: Int } }`],
  ])('may be %s', (_, temporal) => {
    expect(messagesIn(`${head}${temporal}\n`)).toEqual([]);
  });

  test.each(searchAttributeTypes.map((type) => [searchAttributeRoom[type], type] as const))(
    'has room for %i search attributes of type %s and no more',
    (room, type) => {
      expect(messagesIn(`${head}${attributes(room, type)}\n`)).toEqual([]);
      const [problem, ...others] = problemsIn(`${head}${attributes(room + 2, type)}\n`);
      expect(others).toEqual([]);
      expect(problem).toMatchObject({
        message: `${room + 2} search attributes are of type ${type}, and a namespace has room for ${room}`,
        hint: 'remove 2 of them',
      });
    },
  );

  test('on a managed server may have as many as that server accepts', () => {
    expect(messagesIn(`${head}${attributes(11, 'Keyword').replace('{', '{ server: managed,')}\n`)).toEqual(
      [],
    );
  });

  test.each([
    [
      'temporal: { retenton: 24h }',
      'unknown key retenton in temporal',
      'retenton',
      'did you mean "retention"?',
    ],
    ['temporal: { retention: 90m }', 'must be a time in hours or days from 1h to 3650d', '90m'],
    ['temporal: { retention: 24 }', 'must be a time in hours or days', '24'],
    ['temporal: { retention: 0h }', 'must be a time in hours or days', '0h'],
    ['temporal: { retention: 3651d }', 'must be a time in hours or days', '3651d'],
    ['temporal: { retention: 87601h }', 'must be a time in hours or days', '87601h'],
    ['temporal: { server: cloud }', 'temporal.server must be one of platform, managed', 'cloud'],
    [
      'temporal: { searchAttributes: { A: keyword } }',
      'must be one of Text, Keyword, Int, Double, Bool, Datetime, KeywordList, not "keyword"',
      'keyword',
      'did you mean "Keyword"?',
    ],
    ['temporal: { searchAttributes: [A] }', 'must be a map of keys and values', 'A'],
    ['temporal: { searchAttributes: { a-b: Int } }', 'must be at most 64 letters, digits and _', 'a-b'],
    ['temporal: { searchAttributes: { _a: Int } }', 'a letter first', '_a'],
    [
      `temporal: { searchAttributes: { ${'A'.repeat(65)}: Int } }`,
      'must be at most 64 letters',
      'A'.repeat(65),
    ],
    [
      'temporal: { searchAttributes: { WorkflowId: Keyword } }',
      'a search attribute cannot be called WorkflowId: Temporal has one of that name itself',
      'WorkflowId',
      'choose another name',
    ],
    ['temporal: { searchAttributes: { TemporalX: Int } }', 'begin with Temporal are its own', 'TemporalX'],
    ['temporal: { searchAttributes: { Int02: Keyword } }', 'a column of its tables', 'Int02'],
    ['temporal: { server: managed, searchAttributes: { RunId: Text } }', 'of that name itself', 'RunId'],
    ['temporal: yes', 'temporal must be a map of keys and values', 'yes'],
  ])('%s is refused where it stands', (temporal, message, underlined, hint?: string) => {
    const problems = problemsIn(`${head}${temporal}\n`);
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringContaining(message)]);
    const [{ source, column, length, ...problem }] = problems as [(typeof problems)[0]];
    expect(source.slice(column - 1, column - 1 + length)).toContain(underlined);
    if (hint !== undefined) expect(problem.hint).toBe(hint);
  });

  test('no app name is suggested for a search attribute', () => {
    expect(problemsIn(`${head}temporal: { searchAttributes: { Order-Id: Int } }\n`)[0]?.hint).toBeUndefined();
  });

  test('a profile may change a part of it, and its attributes are counted too', () => {
    const text = `${head}temporal: { retention: 48h, searchAttributes: { A: Int, B: Int, C: Int } }\n`;
    const profile = (temporal: string) => `${text}profiles: { preview: { temporal: ${temporal} } }\n`;
    const { temporal } = parseSpec(profile('{ server: managed, searchAttributes: { D: Text } }'), {
      file: 'coppice.yaml',
      profile: 'preview',
    });
    expect(temporal).toEqual({
      server: 'managed',
      retention: '48h',
      searchAttributes: { A: 'Int', B: 'Int', C: 'Int', D: 'Text' },
    });
    expect(messagesIn(profile('{ searchAttributes: { D: Int } }'))).toEqual([
      '4 search attributes are of type Int, and a namespace has room for 3',
    ]);
  });
});

describe('a reference to Temporal', () => {
  test.each(['address', 'namespace', 'tls'])('to its %s requires it', (field) => {
    const text = (temporal: string) => withEnv(`T: "\${temporal.${field}}"`, temporal);
    expect(problemsIn(text(''))).toEqual([
      expect.objectContaining({
        message: `\${temporal.${field}}: there is no temporal`,
        hint: 'write temporal: {}',
      }),
    ]);
    expect(messagesIn(text('temporal: {}'))).toEqual([]);
    expect(messagesIn(text('temporal: { server: managed }'))).toEqual([]);
  });

  test.each(['apiKey', 'clientCert', 'clientKey', 'serverCa'])(
    "to its %s requires a managed server: the platform's has none",
    (field) => {
      const text = (temporal: string) => withEnv(`T: "\${temporal.${field}}"`, temporal);
      expect(problemsIn(text('temporal: {}'))).toEqual([
        expect.objectContaining({
          message: `\${temporal.${field}}: the platform's Temporal server has no keys and no TLS`,
          hint: 'remove it, or write server: managed under temporal',
        }),
      ]);
      expect(messagesIn(text('temporal: { server: managed }'))).toEqual([]);
    },
  );

  test('to an unknown field gets a suggestion', () => {
    expect(problemsIn(withEnv('T: "${temporal.adress}"', 'temporal: {}'))).toEqual([
      expect.objectContaining({
        message: '${temporal.adress} is not known',
        hint: 'did you mean "address"?',
      }),
    ]);
  });

  test('is not reported in addition if `temporal:` itself is wrong', () => {
    expect(messagesIn(withEnv('T: "${temporal.apiKey}"', 'temporal: 7'))).toEqual([
      'temporal must be a map of keys and values, not 7',
    ]);
  });

  test('may appear in telemetry, except for what is in a Secret', () => {
    const text = (temporal: string) =>
      withEnv('OTEL_RESOURCE_ATTRIBUTES: "queue=${temporal.namespace}"', temporal);
    expect(messagesIn(text('temporal: {}'))).toEqual([]);
    expect(messagesIn(text('temporal: { server: managed }'))).toEqual([
      'OTEL_RESOURCE_ATTRIBUTES is sent with every signal, so it may not refer to a managed Temporal',
    ]);
  });

  test.each(['migrate', 'seed'])(
    'in the %s command of the database is allowed for constants only',
    (section) => {
      const text = (temporal: string) =>
        `${head}services: { api: { image: a/b } }
database: { ${section}: { command: m, inputs: [a], env: { T: "at \${temporal.address}" } } }
temporal: ${temporal}
`;
      expect(messagesIn(text('{}'))).toEqual([]);
      const [problem, ...others] = problemsIn(text('{ server: managed }'));
      expect(others).toEqual([]);
      expect(problem).toMatchObject({
        message: '${temporal.address}: a command of the database does not know where a managed Temporal is',
        length: '${temporal.address}'.length,
      });
    },
  );
});

const plan = (text: string) =>
  planEnvironment(parseSpec(text, { file: 'coppice.yaml' }), {
    identity,
    specFolder: identity.worktree,
    profile: 'local',
    httpPort: 80,
    runtimes: record.images,
    mountPath: '/',
    databaseFiles: { migrations: [], tools: [], seed: [] },
  });

describe('the plan of a Temporal namespace', () => {
  test('has the name of the Kubernetes namespace, and its retention in seconds', () => {
    expect(plan(`${head}temporal: {}\n`).temporal).toEqual({
      server: 'platform',
      namespace: 'wt-shop--feat-login',
      retentionSeconds: 86_400,
      searchAttributes: {},
    });
    expect(plan(`${head}temporal: { retention: 7d }\n`).temporal?.retentionSeconds).toBe(604_800);
  });

  test('is absent if the spec asks for none', () => {
    expect(plan(`${head}services: { api: { image: a/b } }\n`)).not.toHaveProperty('temporal');
  });

  test('names the services that use it, as constants of the platform', () => {
    const text = `${head}services:
  worker: { image: a/b, env: { A: "\${temporal.address}", N: "\${temporal.namespace}", TLS: "\${temporal.tls}" } }
  other: { image: a/b, env: { A: "$\${temporal.address}" } }
temporal: {}
`;
    const [worker, other] = plan(text).services;
    expect(worker).toMatchObject({ usesTemporal: true, secretEnv: {} });
    expect(worker?.env).toMatchObject({
      A: 'temporal.coppice.svc:7233',
      N: 'wt-shop--feat-login',
      TLS: 'false',
    });
    expect(other).toMatchObject({ usesTemporal: false });
  });

  test('on a managed server leaves to the cluster what only the settings know', () => {
    const env = 'A: "${temporal.address} of ${environment.slug}", K: "${temporal.apiKey}"';
    const [service] = plan(withEnv(env, 'temporal: { server: managed }')).services;
    expect(service).toMatchObject({
      usesTemporal: true,
      secretEnv: { A: '${temporal.address} of feat-login', K: '${temporal.apiKey}' },
    });
    expect(Object.keys(service?.env ?? {})).not.toContain('A');
  });

  test.each(['migrate', 'seed'])('may be passed to the %s command of the database', (section) => {
    const text = `${head}services: { api: { image: a/b } }
database: { ${section}: { command: m, inputs: [a], env: { T: "\${temporal.namespace}" } } }
temporal: {}
`;
    expect(plan(text).database).toMatchObject({
      [section]: { env: { T: 'wt-shop--feat-login' }, secretEnv: {} },
    });
  });
});

describe('pods that refer to two Secrets', () => {
  const env = { B: '${temporal.apiKey} ${database.url}', A: '$${temporal.apiKey} ${temporal.address}' };

  test('get each key under its own name', () => {
    const found = secretVariables(env, { database: 'd', temporal: 't' });
    expect(found).toEqual([
      { name: 'COPPICE_DATABASE_URL', valueFrom: { secretKeyRef: { name: 'd', key: 'url' } } },
      { name: 'COPPICE_TEMPORAL_ADDRESS', valueFrom: { secretKeyRef: { name: 't', key: 'address' } } },
      { name: 'COPPICE_TEMPORAL_APIKEY', valueFrom: { secretKeyRef: { name: 't', key: 'apiKey' } } },
      { name: 'B', value: '$(COPPICE_TEMPORAL_APIKEY) $(COPPICE_DATABASE_URL)' },
      { name: 'A', value: '$${temporal.apiKey} $(COPPICE_TEMPORAL_ADDRESS)' },
    ]);
  });

  test('do not exist if there is only one Secret', () => {
    expect(() => secretVariables(env, { database: 'd' })).toThrow('this pod has no Secret of temporal');
  });
});

describe('the inputs of its resource', () => {
  const managed = plan(`${head}temporal: { server: managed }\n`);
  const settings = (more: object) => managedTemporal.parse({ address: 'temporal.example.com:7233', ...more });

  test('contain its place, its owner and its target state', () => {
    const made = plan(`${head}temporal: { searchAttributes: { A: Int } }\n`);
    expect(temporalInputs(made, { ...record, temporal: { port: 17233 } })).toEqual({
      kubeconfig: record.kubeconfig,
      context: 'coppice',
      cluster: record.uid,
      server: { kind: 'platform', port: 17233 },
      namespace: 'wt-shop--feat-login',
      app: 'shop',
      environment: 'feat-login',
      repository: identity.repository,
      branch: identity.branch,
      worktree: identity.worktree,
      temporal: made.temporal,
    });
    expect(temporalInputs(made, record)?.server).toEqual({ kind: 'platform' });
  });

  test('are absent if the spec asks for none', () => {
    expect(temporalInputs(plan(head), record, settings({}))).toBeUndefined();
  });

  test('of a managed server come from the settings, with a name from their pattern', () => {
    const written = settings({
      cluster: 'inner:7233',
      tls: { ca: '/ca.pem' },
      apiKey: { env: 'KEY' },
      namespaces: 'existing',
      namespace: 'ann-{app}-{slug}.a1b2c',
    });
    const inputs = temporalInputs(managed, record, written);
    expect(inputs?.server).toEqual({
      kind: 'managed',
      address: 'temporal.example.com:7233',
      cluster: 'inner:7233',
      tls: { ca: '/ca.pem' },
      apiKey: { env: 'KEY' },
      namespaces: 'existing',
    });
    expect(inputs).toMatchObject({
      namespace: 'wt-shop--feat-login',
      temporal: { namespace: 'ann-shop-feat-login.a1b2c' },
    });
  });

  test('of a managed server without further settings are create, and the usual name', () => {
    expect(temporalInputs(managed, record, settings({}))).toMatchObject({
      server: { kind: 'managed', address: 'temporal.example.com:7233', namespaces: 'create' },
      temporal: { namespace: 'wt-shop--feat-login' },
    });
  });

  test('of a managed server require one in the settings', () => {
    expect(() => temporalInputs(managed, record)).toThrow(
      expect.objectContaining({
        code: 'COPPICE_MANAGED_TEMPORAL',
        hint: expect.stringContaining('{temporal: {managed: {address:'),
      }),
    );
  });
});
