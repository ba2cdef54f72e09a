import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { planEnvironment } from '../../../../config/plan/plan.ts';
import { parseSpec } from '../../../../config/spec/load.ts';
import type { Problem } from '../../../../config/yaml/problems.ts';
import { problemsIn } from './problems-in.ts';

const key = fc.constantFrom(
  ...[
    'version',
    'name',
    'services',
    'web',
    'api',
    'Web',
    'runtime',
    'image',
    'command',
    'port',
    'primary',
    'paths',
  ],
  ...[
    'env',
    'PORT',
    'HOST',
    'ready',
    'path',
    'timeout',
    'replicas',
    'resources',
    'limits',
    'memory',
    'setup',
    'host',
  ],
  ...[
    'source',
    'profiles',
    'local',
    'preview',
    'database',
    'temporal',
    'searchAttributes',
    '__proto__',
    'prot',
    '',
  ],
);
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    1,
    80,
    3000,
    'node',
    'x',
    '/api',
    '{slug}.localhost',
    'mount',
    '1Gi',
    true,
    false,
    null,
  ),
  fc.constantFrom(
    '${services.web.url}',
    '${services.api',
    '$${x}',
    '${}',
    '${environment.slug}',
    '${temporal.tls}',
  ),
  fc.string(),
  fc.double(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree')),
  ),
}));
const service = fc.dictionary(key, tree, { maxKeys: 6 });
const file = fc.record(
  {
    version: fc.constantFrom<unknown>(1, 2),
    name: fc.constantFrom('shop', 'Shop'),
    services: fc.dictionary(fc.constantFrom('web', 'api', 'Web'), fc.oneof(service, tree)),
    profiles: fc.dictionary(fc.constantFrom('local', 'preview', 'x'), fc.dictionary(key, tree)),
  },
  { requiredKeys: ['version', 'name'] },
);

function checkPlaces(text: string, problems: readonly Problem[]) {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const { line, column, length, source, message } of problems) {
    expect(lines[line - 1]?.replace(/\r$/, '')).toBe(source);
    expect(column).toBeGreaterThan(0);
    expect(length).toBeGreaterThan(0);
    expect(column - 1).toBeLessThanOrEqual(source.length);
    expect(message).not.toBe('');
  }
}

test('any data is a spec or a list of problems with places in the file', () => {
  fc.assert(
    fc.property(fc.oneof(file, tree), (data) => {
      const text = stringify(data);
      checkPlaces(text, problemsIn(text));
    }),
    { numRuns: 500 },
  );
});

test('so is any text', () => {
  const piece = fc.constantFrom(
    ...' \t\n\r:-?[]{},#&*!|>\'"%@`<=~.$/'.split(''),
    'a',
    '1',
    '<<',
    '---',
    '...',
    'name: ',
  );
  const text = fc.oneof(fc.string({ unit: piece, maxLength: 60 }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(text, (content) => checkPlaces(content, problemsIn(content))),
    { numRuns: 500 },
  );
});

test('every spec without problems can be planned', () => {
  const good = fc.record(
    {
      image: fc.constant('a/b'),
      port: fc.integer({ min: 1, max: 65535 }),
      primary: fc.constant(false),
      command: fc.oneof(fc.constant('x'), fc.constant(['x', 1])),
      env: fc.dictionary(
        fc.constantFrom('A', 'B'),
        fc.constantFrom('x', '${services.s1.url}', '${environment.branch}'),
      ),
      replicas: fc.integer({ min: 0, max: 10 }),
    },
    { requiredKeys: ['image'] },
  );
  const names = fc.constantFrom('s1', 's2', 'long-name-of-service');
  let planned = 0;
  fc.assert(
    fc.property(fc.dictionary(names, good), fc.string({ minLength: 1 }), (services, branch) => {
      const text = stringify({ version: 1, name: 'shop', services });
      if (problemsIn(text).length > 0) return;
      planned++;
      const plan = planEnvironment(parseSpec(text, { file: 'x' }), {
        identity: { repository: '/r/.git', worktree: '/r', branch, commit: 'unborn', uid: 0, gid: 0 },
        specFolder: '/r',
        profile: 'local',
        httpPort: 80,
        runtimes: {},
        mountPath: '/',
      });
      expect(plan.services.map((one) => one.name)).toEqual(Object.keys(services));
      expect(plan.services.filter((one) => one.primary).length).toBeLessThanOrEqual(1);
      const claims = plan.routes.map((route) => `${route.host}${route.path}`);
      expect(new Set(claims).size).toBe(claims.length);
    }),
  );
  expect(planned).toBeGreaterThan(20);
});
