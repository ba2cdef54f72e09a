import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findSpec, loadSpec, parseSpec } from '../../../../config/spec/load.ts';
import { renderProblems, SpecError } from '../../../../config/yaml/problems.ts';
import { problemsIn } from './problems-in.ts';

const here = dirname(fileURLToPath(import.meta.url));
const head = 'version: 1\nname: shop\n';

describe('ten mistakes in one spec', () => {
  const text = () => readFile(join(here, 'ten-mistakes.yaml'), 'utf8');

  test('are all shown at once, each with its place, its line and a caret', async () => {
    const problems = problemsIn(await text(), join(here, 'ten-mistakes.yaml'));
    expect(problems).toHaveLength(10);
    await expect(`${renderProblems(problems, here)}\n`).toMatchFileSnapshot('ten-mistakes.txt');
  });

  test('are data too: file, line, column, message, hint', async () => {
    const [first] = problemsIn(await text(), '/a/coppice.yaml');
    expect(first).toMatchObject({
      file: '/a/coppice.yaml',
      line: 3,
      column: 7,
      length: 4,
      source: 'name: Shop',
    });
    expect(first?.hint).toBe('did you mean "shop"?');
  });

  test('make one of our errors with the code COPPICE_SPEC', async () => {
    const spec = await text();
    expect(() => parseSpec(spec, { file: '/a/coppice.yaml' })).toThrow(
      expect.objectContaining({
        code: 'COPPICE_SPEC',
        exitCode: 1,
        message: expect.stringContaining('10 problems'),
      }),
    );
  });
});

describe('broken YAML is shown in the same shape:', () => {
  test.each([
    ['an empty file', '', 1, 1, 'the file is empty'],
    ['a file of comments', '# nothing\n', 1, 1, 'the file is empty'],
    ['a list', '- a\n', 1, 1, 'must be a map'],
    ['a text', 'hello', 1, 1, 'must be a map'],
    ['a tab', `${head}services:\n\tweb: {}\n`, 4, 1, 'a tab indents this line'],
    ['a key twice', `${head}name: other\n`, 3, 1, 'written twice'],
    ['a bracket left open', `${head}setup: [npm ci\n`, 4, 1, 'flow sequence'],
    ['a quote left open', `${head}setup: ["npm ci]\n`, 3, 9, 'this quote is never closed'],
    ['a colon forgotten', `${head}setup\n`, 3, 1, 'a colon is missing'],
    ['two keys on a line', `${head}a: b: c\n`, 3, 4, 'second "key: value"'],
    ['two documents', `${head}---\nname: x\n`, 3, 1, 'second document'],
    ['an alias without anchor', `${head}services:\n  web: *base\n`, 4, 8, 'no anchor &base'],
    ['a reserved character', `${head}host: @x\n`, 3, 7, 'reserved character'],
    ['an unknown tag', `${head}setup: !shell []\n`, 3, 8, 'unresolved tag'],
  ])('%s', (_what, text, line, column, message) => {
    const problems = problemsIn(text);
    expect(problems).toContainEqual(
      expect.objectContaining({
        line,
        column,
        message: expect.stringContaining(message),
        source: expect.any(String),
      }),
    );
  });

  test('a line that the parser stumbles over several times is one problem', () => {
    expect(problemsIn('version: 1\nname shop\n b: 2\n').filter((problem) => problem.line === 2)).toHaveLength(
      1,
    );
  });

  test('an alias that expands without end', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `  l${i}: &l${i} [${`*l${i - 1}, `.repeat(9)}*l${i - 1}]`,
    );
    levels[0] = '  l0: &l0 [x, x, x, x, x, x, x, x, x]';
    expect(problemsIn(`${head}profiles:\n${levels.join('\n')}\n`)[0]?.message).toContain(
      'xcessive alias count',
    );
  });
});

describe('wrong types are reported with what was expected and what was found:', () => {
  const service = (line: string) => `${head}services:\n  web:\n    image: x/y\n    ${line}\n`;
  test.each([
    ['port: "3000"', 'services.web.port must be a whole number from 1 to 65535, not "3000"'],
    ['port: 1.5', 'must be a whole number from 1 to 65535, not 1.5'],
    ['port:', 'services.web.port must be a whole number from 1 to 65535, not empty'],
    ['primary: yes', 'services.web.primary must be true or false, not "yes"'],
    ['paths: /api', 'services.web.paths must be a list, not "/api"'],
    ['command: {a: b}', 'services.web.command must be text or a list of words, and not empty, not a map'],
    ['command: []', 'services.web.command must not be empty, not a list'],
    ['command: [node, {a: b}]', 'services.web.command.1 must be text, not a map'],
    ['env: [A=1]', 'services.web.env must be a map of keys and values, not a list'],
    ['env: { A: }', 'services.web.env.A must be text, not empty'],
    ['env: { 1A: x }', 'services.web.env.1A: the name must be the name of an environment variable'],
    ['replicas: 11', 'services.web.replicas must be a whole number from 0 to 10, not 11'],
    ['ready: /healthz', 'services.web.ready must be a map of keys and values, not "/healthz"'],
    ['ready: { timeout: 5m }', 'services.web.ready.path is missing'],
    ['ready: { path: healthz }', 'services.web.ready.path must be a path such as /healthz'],
    ['ready: { path: /, timeout: 5 minutes }', 'must be a time such as 90s or 5m, not "5 minutes"'],
    [
      'resources: { limits: { memory: 512MB } }',
      'must be an amount of memory such as 256Mi or 1Gi, not "512MB"',
    ],
    ['resources: { limits: { memory: 512m } }', 'must be at least 1Mi, not "512m"'],
    ['resources: { limits: { memory: 512 } }', 'must be at least 1Mi, not "512"'],
    [
      'resources: { limits: { cpu: fast } }',
      'must be an amount of CPU such as 500m (half a core) or 2, not "fast"',
    ],
    ['resources: { limits: { cpu: 0 } }', 'must be more than zero, not "0"'],
    ['resources: { limits: { cpu: 1n } }', 'must be a whole number of m, thousandths of a core, not "1n"'],
    ['resources: { limits: { cpu: 0.0005 } }', 'must be a whole number of m, thousandths of a core'],
    ['resources: { limits: { cpu: 1e30 } }', 'must be at most 100000, not "1e30"'],
    ['resources: { limits: { memory: "1500000.5" } }', 'must be a whole number of bytes, not "1500000.5"'],
    ['resources: { limits: { memory: 9Ei } }', 'must be less than 8Ei, not "9Ei"'],
    ['ready: { path: /50% }', 'services.web.ready.path must be a path such as /healthz'],
    ['ready: { path: "/a\\u0007" }', 'services.web.ready.path must be a path such as /healthz'],
    [`ready: { path: "/${'a'.repeat(1024)}" }`, 'must hold at most 1024 characters'],
    ['env: { A: "a\\0b" }', 'services.web.env.A must not contain a NUL character'],
    ['env: { A: "\\ud800" }', 'services.web.env.A must not contain half of a surrogate pair'],
    ['command: "a\\0b"', 'services.web.command must not contain a NUL character'],
    ['command: [node, "a\\0b"]', 'services.web.command.1 must not contain a NUL character'],
    ['image: My Image', 'must be an image reference such as python:3.13-slim'],
    ['image: a//b', 'must be an image reference such as python:3.13-slim'],
    ['image: a:1:2', 'must be an image reference such as python:3.13-slim'],
    ['image: example.com/a..b', 'must be an image reference such as python:3.13-slim'],
    ['image: example.com/Shop/api', 'must be an image reference such as python:3.13-slim'],
    [`image: example.com/${'a'.repeat(255)}:1`, 'must hold at most 255 characters before its tag'],
  ])('%s', (line, message) => {
    const text = line.startsWith('image') ? service('').replace('image: x/y', line) : service(line);
    expect(problemsIn(text).map((problem) => problem.message)).toContainEqual(
      expect.stringContaining(message),
    );
  });
});

test('a command of a dump that is wrong is one mistake', () => {
  const text = `${head}database: { from: { dump: { command: [] } } }\n`;
  expect(problemsIn(text).map((problem) => problem.message)).toEqual([
    'database.from.dump.command must not be empty, not a list',
  ]);
});

test.each([
  ['setup: ["a\\0b"]', 'setup.0 must not contain a NUL character'],
  ['setup: ["\\ud800"]', 'setup.0 must not contain half of a surrogate pair'],
  ['setup: [""]', 'setup.0 must not be empty'],
  ['database: { from: { dump: "a\\0b" } }', 'database.from.dump must not contain a NUL character'],
  ['database: { from: { dump: { command: "a\\0b" } } }', 'command must not contain a NUL character'],
  ['database: { seed: "\\ud800" }', 'database.seed must not contain half of a surrogate pair'],
  ['install: "a\\0b"', 'install must not contain a NUL character'],
])('text that no process can be given is refused: %s', (line, message) => {
  expect(problemsIn(`${head}${line}\n`).map((problem) => problem.message)).toContainEqual(
    expect.stringContaining(message),
  );
});

test.each([
  ...['node', 'node:20.20.2-bookworm-slim', 'example.com:5000/a/b-c__d.e:V1', 'LOCALHOST/a', 'a/b---c'],
  `python@sha256:${'0'.repeat(64)}`,
  `localhost:5000/${'a'.repeat(240)}:1`,
])('%s is an image reference', (image) => {
  expect(problemsIn(`${head}services: { web: { image: "${image}" } }\n`)).toEqual([]);
});

describe('missing and unknown keys are reported with what to write:', () => {
  test('no version, no name', () => {
    expect(problemsIn('services: {}\n').map((problem) => [problem.message, problem.hint])).toEqual([
      ['version is missing', 'write version: 1'],
      ['name is missing', 'write name: shop'],
    ]);
  });

  test('another version', () => {
    expect(problemsIn('version: 2\nname: shop\n')[0]?.message).toContain('version must be 1');
  });

  test('a mistyped key, which is not also reported as missing', () => {
    const problems = problemsIn('version: 1\nnmae: shop\n');
    expect(problems).toEqual([
      expect.objectContaining({ message: 'unknown key nmae', hint: 'did you mean "name"?' }),
    ]);
  });

  test('a key that resembles none, with the list of known ones', () => {
    expect(problemsIn(`${head}xyz: 1\n`)[0]?.hint).toBe(
      'known here: version, name, hooks, carry, services, database, temporal, telemetry, setup, install, host, source, lifetime, profiles',
    );
  });

  test('build, which comes later, is not called unknown', () => {
    const [problem] = problemsIn(`${head}services: { web: { image: x/y, build: . } }\n`);
    expect(problem).toMatchObject({ line: 3, length: 5 });
    expect(problem?.message).toBe('build in services.web is not supported by this version of Coppice');
  });

  test('an unknown runtime', () => {
    const text = (runtime: string) => `${head}services: { web: { runtime: ${runtime}, command: x } }\n`;
    expect(problemsIn(text('nod'))[0]).toMatchObject({ column: 29, length: 3, hint: 'did you mean "node"?' });
    expect(problemsIn(text('python'))[0]?.hint).toBe('for any other language write image: NAME');
  });

  test.each([
    ['Web_App', 'did you mean "web-app"?'],
    ['2web', 'did you mean "web"?'],
    ['web--app', 'did you mean "web-app"?'],
    [`${'a'.repeat(21)}`, `did you mean "${'a'.repeat(20)}"?`],
    ['coppice', undefined],
  ])('a service called %s', (name, hint) => {
    const [problem] = problemsIn(`${head}services:\n  ${name}: { image: x/y }\n`);
    expect(problem).toMatchObject({ line: 4, column: 3, length: name.length });
    expect(problem?.hint).toBe(hint);
  });

  test('mistakes inside a service with a wrong name are shown too', () => {
    expect(problemsIn(`${head}services:\n  Web: { image: x/y, port: no }\n`)).toHaveLength(2);
  });
});

test('of a duplicate key the second counts, as in YAML', () => {
  const problems = problemsIn(`${head}setup: []\nsetup: no\n`);
  expect(problems.map(({ line, column }) => [line, column])).toEqual([
    [4, 1],
    [4, 8],
  ]);
});

test('only name and version are needed', () => {
  expect(parseSpec(head, { file: 'x' })).toEqual({ version: 1, name: 'shop', services: {}, setup: [] });
});

test('what is absent has its default', () => {
  const spec = parseSpec(`${head}services: { web: { image: x/y } }\n`, { file: 'x' });
  expect(spec.services.web).toEqual({ image: 'x/y', paths: [], env: {}, replicas: 1, resources: {} });
});

test('environment variables and words of a command are taken as they are written', () => {
  const text = `${head}services: { web: { image: x/y, command: [a, 1.10, true], env: { A: 1.10, B: 0x1F, C: true, D: 1e3, E: yes, F: "q" } } }\n`;
  const spec = parseSpec(text, { file: 'x' });
  expect(spec.services.web?.env).toEqual({ A: '1.10', B: '0x1F', C: 'true', D: '1e3', E: 'yes', F: 'q' });
  expect(spec.services.web?.command).toEqual(['a', '1.10', 'true']);
});

test('anchors and merge keys work, and a problem in them is shown where it is written', () => {
  const text = (port: string) =>
    `${head}services:\n  web: &base\n    image: x/y\n    port: ${port}\n    primary: true\n  api:\n    <<: *base\n    primary: false\n`;
  expect(parseSpec(text('80'), { file: 'x' }).services.api).toMatchObject({
    image: 'x/y',
    port: 80,
    primary: false,
  });
  const problems = problemsIn(text('none'));
  expect(problems).toHaveLength(2);
  for (const problem of problems) expect(problem).toMatchObject({ line: 6, column: 11 });
});

test('a byte order mark and Windows line ends change no position', () => {
  const [problem] = problemsIn('\uFEFFversion: 1\r\nname: shop\r\nhots: x\r\n');
  expect(problem).toMatchObject({ line: 3, column: 1, source: 'hots: x', length: 4 });
});

test('the caret stands under its place behind tabs', () => {
  const problem = { file: '/a', line: 1, column: 3, message: 'm', source: 'a\tbc', length: 2 };
  expect(renderProblems([problem], '/')).toContain(' 1 | a\tbc\n   |  \t^^');
});

test('control characters are not printed', () => {
  const problem = { file: '/a', line: 1, column: 1, message: 'm', source: 'a\u001b[2J\rb', length: 1 };
  expect(renderProblems([problem], '/')).toContain('| a\uFFFD[2J\uFFFDb\n');
});

test('colours are added by the caller that renders', () => {
  const problem = { file: '/a', line: 1, column: 1, message: 'm', hint: 'h', source: 'x', length: 1 };
  const text = renderProblems([problem], '/', { caret: (t) => `<${t}>`, hint: (t) => `[${t}]` });
  expect(text).toContain('| <^>\n   = [h]');
});

test('keys with a special meaning in JavaScript are just unknown', () => {
  const [problem] = problemsIn(`${head}__proto__: { polluted: true }\nconstructor: 1\n`);
  expect(problem?.message).toMatch(/unknown key/);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('an unknown profile is refused with a suggestion', () => {
  expect(() => parseSpec(head, { file: 'x', profile: 'previw' })).toThrow(
    expect.objectContaining({ code: 'COPPICE_PROFILE', hint: 'did you mean "preview"?', exitCode: 2 }),
  );
});

describe('files', () => {
  let top: string;
  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), 'coppice-load-'));
    await mkdir(join(top, 'repo/.git'), { recursive: true });
    await mkdir(join(top, 'repo/app/src'), { recursive: true });
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  test('the nearest coppice.yaml is found from a folder below it', async () => {
    await writeFile(join(top, 'repo/coppice.yaml'), head);
    expect(await findSpec(join(top, 'repo/app/src'))).toBe(join(top, 'repo/coppice.yaml'));
    await writeFile(join(top, 'repo/app/coppice.yaml'), head);
    expect(await findSpec(join(top, 'repo/app/src'))).toBe(join(top, 'repo/app/coppice.yaml'));
  });

  test('nothing above the top of the worktree is read', async () => {
    await writeFile(join(top, 'coppice.yaml'), head);
    await expect(findSpec(join(top, 'repo/app'))).rejects.toMatchObject({ code: 'COPPICE_NO_SPEC' });
  });

  test('a linked worktree, where .git is a file, ends the search too', async () => {
    await writeFile(join(top, 'coppice.yaml'), head);
    await writeFile(join(top, 'repo/app/.git'), 'gitdir: elsewhere\n');
    await expect(findSpec(join(top, 'repo/app/src'))).rejects.toMatchObject({ code: 'COPPICE_NO_SPEC' });
  });

  test('a coppice.yml is not read, but the hint says to rename it', async () => {
    await writeFile(join(top, 'repo/coppice.yml'), head);
    await expect(findSpec(join(top, 'repo'))).rejects.toMatchObject({
      hint: expect.stringContaining('rename'),
    });
  });

  test('the folder is returned without symbolic links, as git returns it', async () => {
    await writeFile(join(top, 'repo/coppice.yaml'), head);
    await symlink(join(top, 'repo'), join(top, 'link'));
    const loaded = await loadSpec(join(top, 'link/coppice.yaml'));
    expect(loaded).toMatchObject({ folder: join(top, 'repo'), profile: 'local', spec: { name: 'shop' } });
  });

  test('an unreadable file is one of our errors', async () => {
    await expect(loadSpec(join(top, 'nowhere.yaml'))).rejects.toMatchObject({ code: 'COPPICE_NO_SPEC' });
    await expect(loadSpec(join(top, 'repo'))).rejects.toMatchObject({ code: 'COPPICE_NO_SPEC' });
  });

  test('problems of a file carry its absolute path', async () => {
    await writeFile(join(top, 'coppice.yaml'), 'nothing');
    const error = await loadSpec(join(top, 'coppice.yaml')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SpecError);
    expect((error as SpecError).problems[0]?.file).toBe(join(top, 'coppice.yaml'));
  });
});
