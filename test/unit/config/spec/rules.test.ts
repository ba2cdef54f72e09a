import { describe, expect, test } from 'vitest';
import { parseSpec } from '../../../../config/spec/load.ts';
import { rules } from '../../../../config/spec/rules/index.ts';
import { messagesIn, problemsIn } from './problems-in.ts';

const head = 'version: 1\nname: shop\n';
/** A spec with these services, each in flow style. */
const services = (...lines: string[]) => `${head}services:\n${lines.map((line) => `  ${line}\n`).join('')}`;

test('every rule has its own name', () => {
  expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
});

describe('a service', () => {
  test('has a runtime or an image', () => {
    expect(problemsIn(services('web: { command: x }'))).toEqual([
      expect.objectContaining({
        message: 'service web has neither runtime nor image',
        line: 4,
        column: 3,
        length: 3,
      }),
    ]);
  });

  test('does not have both', () => {
    expect(problemsIn(services('web: { runtime: node, command: x, image: a/b }'))).toEqual([
      expect.objectContaining({ message: 'service web has both runtime and image', line: 4, column: 44 }),
    ]);
  });

  test('with a runtime needs a command', () => {
    expect(messagesIn(services('web: { runtime: node }'))).toEqual([
      'service web has a runtime but no command',
    ]);
  });

  test("with an image may run the image's command", () => {
    expect(messagesIn(services('web: { image: a/b }'))).toEqual([]);
  });

  test('with a wrong runtime is not reported as having none', () => {
    expect(messagesIn(services('web: { runtime: nodejs, command: x }'))).toHaveLength(1);
  });

  test('requests no more than its limit', () => {
    const text = (request: string, limit: string) =>
      services(
        `web: { image: a/b, resources: { requests: { memory: ${request} }, limits: { memory: ${limit} } } }`,
      );
    expect(messagesIn(text('2Gi', '1Gi'))).toEqual([
      'service web requests more memory (2Gi) than its limit (1Gi)',
    ]);
    expect(messagesIn(text('1024Mi', '1Gi'))).toEqual([]);
    expect(messagesIn(text('1e9', '1Gi'))).toEqual([]);
  });

  test('may be one of many', () => {
    const many = Array.from({ length: 25 }, (_, i) => `s${i}: { image: a/b, port: 80, primary: ${i === 0} }`);
    expect(messagesIn(services(...many))).toEqual([]);
  });
});

describe('the primary service', () => {
  test('is the only one with a port by default', () => {
    expect(messagesIn(services('web: { image: a/b, port: 80 }', 'worker: { image: a/b }'))).toEqual([]);
  });

  test('must be chosen if several have ports: they are named', () => {
    const text = services('web: { image: a/b, port: 80 }', 'api: { image: a/b, port: 80 }');
    expect(problemsIn(text)).toEqual([
      expect.objectContaining({
        message: 'web, api have ports, and none of them is primary',
        line: 3,
        column: 1,
      }),
    ]);
  });

  test('need not be chosen if all but one opt out', () => {
    const text = services('web: { image: a/b, port: 80 }', 'api: { image: a/b, port: 80, primary: false }');
    expect(messagesIn(text)).toEqual([]);
  });

  test('may not be chosen twice', () => {
    const text = services(
      'web: { image: a/b, port: 80, primary: true }',
      'api: { image: a/b, port: 80, primary: true }',
      'doc: { image: a/b, port: 80, primary: true }',
    );
    expect(problemsIn(text).map(({ line, message }) => [line, message])).toEqual([
      [5, "web is already primary: only one service answers at the environment's host"],
      [6, "web is already primary: only one service answers at the environment's host"],
    ]);
  });

  test('has a port', () => {
    expect(messagesIn(services('web: { image: a/b, primary: true }'))).toEqual([
      'service web is primary but has no port',
    ]);
  });

  test('has a port even if it is a wrong one, which alone is reported', () => {
    expect(
      messagesIn(services('web: { image: a/b, primary: true, port: x, ready: { path: / } }')),
    ).toHaveLength(1);
  });

  test('claims no paths', () => {
    expect(messagesIn(services('web: { image: a/b, port: 80, paths: [/a] }'))).toEqual([
      'service web is primary: every path that no other service claims is its own',
    ]);
  });
});

describe('paths', () => {
  const api = (paths: string) =>
    services(
      'web: { image: a/b, port: 80, primary: true }',
      `api: { image: a/b, port: 80, paths: ${paths} }`,
    );

  test.each(['/api', '/api/', '/api/v1', '/a.b/~c', '/@x'])('%s is one', (path) => {
    expect(messagesIn(api(`["${path}"]`))).toEqual([]);
  });

  test.each(['api', '//api', '/a//b', '/a b', '/a?b=c', '/a#b', '/a/../b', '/./a', '/%2f', 'http://x/'])(
    '%s is not one',
    (path) => {
      const found = problemsIn(api(`["${path}"]`));
      expect(found).toEqual([expect.objectContaining({ line: 5, column: 40 })]);
    },
  );

  // A pattern that backtracks would never come to an end.
  test('a long wrong path is refused', () => {
    expect(messagesIn(api(`["/${'a'.repeat(1000)} "]`))).toHaveLength(1);
  });

  test('need a port, and so does ready', () => {
    expect(messagesIn(services('api: { image: a/b, paths: [/api], ready: { path: / } }'))).toEqual([
      'service api has paths but no port',
      'service api has ready but no port',
    ]);
  });

  test('/ belongs to the primary service', () => {
    expect(messagesIn(api('[/]'))).toEqual(['the path / belongs to the primary service']);
  });

  test('are claimed by one service, and a trailing slash changes nothing', () => {
    const text = `${api('[/api, /x]')}  v2: { image: a/b, port: 80, paths: [/v2, /api/] }\n`;
    expect(problemsIn(text)).toEqual([
      expect.objectContaining({
        message: '/api/ is already claimed by service api',
        line: 6,
        column: 44,
        length: 5,
      }),
    ]);
  });

  test('may lie below one another', () => {
    expect(messagesIn(`${api('[/api]')}  v2: { image: a/b, port: 80, paths: [/api/v2] }\n`)).toEqual([]);
  });

  test('appear once in a list', () => {
    expect(messagesIn(api('[/api, /api]'))).toEqual(['/api is listed twice']);
  });
});

describe('environment variables', () => {
  const web = (env: string, port = 'port: 80, ') => services(`web: { image: a/b, ${port}env: { ${env} } }`);

  test('PORT is the value of port', () => {
    expect(messagesIn(web('PORT: 3000'))).toEqual([
      'PORT is 80, from services.web.port: routes would not find the service',
    ]);
    expect(messagesIn(web('PORT: 80'))).toEqual([]);
    expect(messagesIn(web('PORT: 3000', ''))).toEqual([]);
  });

  test.each(['localhost', '127.0.0.1', '::1'])('HOST %s would reach nobody', (host) => {
    expect(messagesIn(web(`HOST: "${host}"`))).toEqual([
      `with HOST ${host} service web would only answer inside its own pod`,
    ]);
  });

  test('HOST may be anything else', () => {
    expect(messagesIn(web('HOST: "::"'))).toEqual([]);
  });

  test('COPPICE_ is reserved', () => {
    expect(problemsIn(web('COPPICE_ID: x'))).toEqual([
      expect.objectContaining({
        message: 'COPPICE_ID: names starting with COPPICE_ are reserved',
        column: 39,
        length: 10,
      }),
    ]);
  });

  test('every unknown reference is underlined alone', () => {
    const found = problemsIn(web('URL: "${services.wen.url}/${services.web.ulr}"'));
    expect(found.map(({ column, length, message, hint }) => [column, length, message, hint])).toEqual([
      [45, 19, '${services.wen.url}: there is no service wen', 'did you mean "web"?'],
      [65, 19, '${services.web.ulr} is not known', 'did you mean "url"?'],
    ]);
  });

  test('a service may refer to itself, and two to each other', () => {
    const text = services(
      'web: { image: a/b, port: 80, primary: true, env: { A: "${services.api.url}", B: "${services.web.publicUrl}" } }',
      'api: { image: a/b, port: 80, env: { W: "${services.web.url}" } }',
    );
    expect(messagesIn(text)).toEqual([]);
  });
});

describe('host', () => {
  test('must contain {slug} and end in .localhost', () => {
    expect(messagesIn(`${head}host: shop.localhost\n`)).toEqual([
      'host must contain {slug}, or all environments would share one host',
    ]);
    expect(messagesIn(`${head}host: "{slug}.shop.test"\n`)).toEqual([
      'host must end in .localhost, which is always this machine',
    ]);
    expect(messagesIn(`${head}host: "{slug}.localhost"\n`)).toEqual([]);
  });

  test('of the preview profile need not end in .localhost', () => {
    const text = `${head}profiles: { preview: { host: "{slug}.example.com" } }\n`;
    expect(parseSpec(text, { file: 'x', profile: 'preview' }).host).toBe('{slug}.example.com');
  });
});

describe('a variable that a shell would drop', () => {
  test('is refused for a command that runs in one', () => {
    expect(problemsIn(services('web: { image: a/b, command: x, env: { a.b: 1, B: 2 } }'))).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('sh would not pass a.b on to service web'),
        hint: 'write command as a list, which needs no shell',
        line: 4,
      }),
    ]);
  });

  test.each(['migrate', 'seed'])('is refused for the command of %s', (section) => {
    const written = (command: string) =>
      `${services('web: { image: a/b }')}database: { ${section}: { command: ${command}, inputs: [db], image: a/b, env: { a.b: 1, B: 2 } } }\n`;
    expect(problemsIn(written('psql x'))).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(`sh would not pass a.b on to database.${section}`),
        hint: 'write command as a list, which needs no shell',
      }),
    ]);
    expect(messagesIn(written('[psql, x]'))).toEqual([]);
  });

  test('may be given to a list of words, and to the command of an image', () => {
    expect(messagesIn(services('web: { image: a/b, command: [x], env: { a.b: 1 } }'))).toEqual([]);
    expect(messagesIn(services('web: { image: a/b, env: { a.b: 1 } }'))).toEqual([]);
  });
});

describe('what a process is given', () => {
  const long = 'x'.repeat(120_001);
  const some = 'x'.repeat(110_000);

  test.each([
    ['a variable', services(`web: { image: a/b, env: { A: ${long} } }`), 'this has 120003 bytes'],
    ['a command', services(`web: { image: a/b, command: ${long} }`), 'this has 120001 bytes'],
    ['a word', services(`web: { image: a/b, command: [node, ${long}] }`), 'this has 120001 bytes'],
    [
      'the environment of migrations',
      `${head}database: { migrate: { command: x, inputs: [a], image: a/b, env: { A: ${long} } } }\n`,
      'this has 120003 bytes',
    ],
    [
      'install',
      `${services('web: { runtime: node, command: x }')}install: ${long}\n`,
      'this has 120001 bytes',
    ],
    [
      'all together',
      services(`web: { image: a/b, env: { A: ${some}, B: ${some}, C: ${some}, D: ${some}, E: ${some} } }`),
      'the arguments and variables of service web have 550010 bytes, and Kubernetes has room for 500000',
    ],
  ])('%s has a length that Linux and Kubernetes take', (_, text, message) => {
    expect(messagesIn(text)).toEqual([expect.stringContaining(message)]);
  });

  test('is counted in bytes', () => {
    expect(messagesIn(services(`web: { image: a/b, env: { A: ${'é'.repeat(60_000)} } }`))).toHaveLength(1);
    expect(messagesIn(services(`web: { image: a/b, env: { A: ${'é'.repeat(59_999)} } }`))).toEqual([]);
  });
});

describe('instrument', () => {
  const traced = (service: string, telemetry = 'telemetry: { instrument: [node] }') =>
    `${services(`web: { ${service} }`)}${telemetry}\n`;

  test('is for services of that runtime, and for what says so itself', () => {
    expect(messagesIn(traced('runtime: node, command: x'))).toEqual([]);
    expect(messagesIn(traced('image: a/b, telemetry: { instrument: [node] }', 'telemetry: {}'))).toEqual([]);
    expect(problemsIn(traced('image: a/b'))).toEqual([
      expect.objectContaining({
        message: 'no service has the runtime node, and what an image runs is not known',
        hint: 'name it at the service: telemetry: { instrument: [node] }',
        line: 5,
        column: 27,
      }),
    ]);
  });

  test.each([
    ['image: python:3.13-slim', true],
    ['image: docker.io/library/python', true],
    ['image: "ghcr.io/astral-sh/uv:python3.13-alpine"', true],
    ['image: "registry:5000/python"', true],
    ['image: a/b, command: .venv/bin/python3.12 api', true],
    ['image: a/b, command: "pip install -r requirements.txt && exec gunicorn api:app"', true],
    ['image: a/b, command: [sh, -c, "./manage.py runserver"]', true],
    ['image: a/b, command: [uv, run, serve]', true],
    ['image: a/b', false],
    ['image: a/pythonista-blog', false],
    ['image: "node:22-python-free", command: node app.js', false],
    ['runtime: node, command: node python.js', false],
  ])('finds Python in %s: %s', (service, isFound) => {
    const found = problemsIn(traced(service, 'telemetry: { instrument: [python] }'));
    expect(found.map(({ message, line, hint }) => ({ message, line, hint }))).toEqual(
      isFound
        ? []
        : [
            {
              message:
                'no service has a command or an image of Python, and what another image runs is not known',
              line: 5,
              hint: 'name it at the service: telemetry: { instrument: [python] }',
            },
          ],
    );
  });

  test('needs telemetry, and says so where the service asks for it', () => {
    expect(problemsIn(traced('image: a/b, telemetry: { instrument: [node] }', ''))).toEqual([
      expect.objectContaining({
        message: 'service web is to be instrumented, and this file has no telemetry: that keeps it',
        hint: 'add telemetry: {} at the top level',
        line: 4,
      }),
    ]);
    expect(messagesIn(traced('image: a/b, telemetry: { instrument: false }', ''))).toEqual([]);
  });

  test.each([
    [
      'a list of one word',
      'instrument: nodejs',
      'must be a list of runtimes such as [node], or false',
      undefined,
    ],
    ['a mistyped runtime', 'instrument: [nodejs]', 'not "nodejs"', 'did you mean "node"?'],
    ['another language', 'instrument: [ruby]', 'not "ruby"', 'its own OpenTelemetry SDK'],
    ['a mistyped key', 'instrumnt: [node]', 'unknown key instrumnt', 'did you mean "instrument"?'],
  ])('knows %s', (_, written, message, hint) => {
    const [problem] = problemsIn(traced('runtime: node, command: x', `telemetry: { ${written} }`));
    expect(problem?.message).toContain(message);
    expect(problem?.hint ?? '').toContain(hint ?? '');
  });

  test('sends by HTTP, so a service that speaks gRPC is refused, unless it is left out', () => {
    const grpc = 'runtime: node, command: x, env: { OTEL_EXPORTER_OTLP_PROTOCOL: grpc }';
    expect(messagesIn(traced(grpc))).toEqual(['an instrumented service sends http/protobuf, not grpc']);
    expect(messagesIn(traced(grpc, 'telemetry: {}'))).toEqual([]);
    expect(
      messagesIn(traced(`${grpc}, telemetry: { instrument: false }`, 'telemetry: { instrument: [] }')),
    ).toEqual([]);
  });

  test.each([
    [
      'NODE_OPTIONS',
      'command: x, env: { NODE_OPTIONS: "--require @opentelemetry/auto-instrumentations-node/register" }',
    ],
    ['its command', 'command: node --require @opentelemetry/auto-instrumentations-node/register x.js'],
  ])('does not go together with an instrumentation in %s', (_, service) => {
    expect(messagesIn(traced(`runtime: node, ${service}`))).toEqual([
      expect.stringContaining('each request would be two spans'),
    ]);
    expect(messagesIn(traced(`runtime: node, ${service}`, 'telemetry: {}'))).toEqual([]);
  });

  test('does not go together with opentelemetry-instrument in a command', () => {
    const service = 'image: python, command: opentelemetry-instrument flask run';
    expect(messagesIn(traced(service, 'telemetry: { instrument: [python] }'))).toEqual([
      expect.stringContaining('each request would be two spans'),
    ]);
  });
});
