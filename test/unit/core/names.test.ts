import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  environmentOf,
  hostPatternProblem,
  isName,
  isSlug,
  longestName,
  nameNear,
  namespaceName,
  ownerRoleName,
  primaryHost,
  serviceHost,
  slugOf,
} from '../../../core/names.ts';

const dnsLabel = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const branch = fc.oneof(
  fc.string({ minLength: 1, maxLength: 300 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 250 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 250 }),
  fc.stringMatching(/^[-A-Za-z0-9/._]{1,250}$/),
);
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/).filter(isName);

describe('the slug of a branch', () => {
  test.each([
    ['main', 'main'],
    ['feat/login', 'feat-login'],
    ['team/FIB-123-new', 'team-fib-123-new'],
    ['feat/a', 'feat-a'],
    ['feat-a', 'feat-a'],
    ['--x--', 'x'],
    ['a___b...c', 'a-b-c'],
    ['größe', 'gr-e'],
    ['123', '123'],
    ['dependabot/npm_and_yarn/zod-4.6.7', 'dependabot-npm-and-yarn-zod-4-6-7'],
  ])('for %s is %s', (from, to) => {
    expect(slugOf(from)).toBe(to);
  });

  test('is truncated and gets a hash when it is longer than 38 characters', () => {
    expect(slugOf('a'.repeat(38))).toBe('a'.repeat(38));
    expect(slugOf('a'.repeat(39))).toMatch(/^a{29}-[0-9a-f]{8}$/);
    expect(slugOf(`feat/${'x'.repeat(200)}`)).not.toBe(slugOf(`feat/${'x'.repeat(199)}y`));
  });

  test('has no dash before the hash when it was truncated at one', () => {
    expect(slugOf(`${'a'.repeat(28)}/${'b'.repeat(30)}`)).toMatch(/^a{28}-[0-9a-f]{8}$/);
  });

  test('is a hash when no character of the branch is valid, and different for another branch', () => {
    expect(slugOf('🚀🚀')).toMatch(/^[0-9a-f]{8}$/);
    expect(slugOf('🚀🚀')).not.toBe(slugOf('🔥'));
    expect(slugOf('---')).toMatch(/^[0-9a-f]{8}$/);
  });

  test('is the same for both encodings of a letter', () => {
    expect(slugOf('cafe\u0301')).toBe(slugOf('caf\u00e9'));
  });

  test('is always valid, at most 38 characters, and always the same', () => {
    fc.assert(
      fc.property(branch, (text) => {
        const slug = slugOf(text);
        expect(isSlug(slug)).toBe(true);
        expect(slug).not.toContain('--');
        expect(slug).toBe(slugOf(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('of a slug is the same slug', () => {
    fc.assert(fc.property(branch, (text) => slugOf(slugOf(text)) === slugOf(text)));
  });
});

test('a namespace is a DNS label from which its two parts can be read', () => {
  fc.assert(
    fc.property(name, branch, (app, text) => {
      const namespace = namespaceName(app, slugOf(text));
      expect(namespace).toMatch(dnsLabel);
      expect(namespace.length).toBeLessThanOrEqual(63);
      expect(namespace.slice(3).split('--')).toEqual([app, slugOf(text)]);
    }),
  );
});

test('the longest namespace has exactly 63 characters', () => {
  expect(namespaceName('a'.repeat(longestName), slugOf('b'.repeat(99)))).toHaveLength(63);
});

test('every host consists of DNS labels', () => {
  const pattern = fc.constantFrom(undefined, '{slug}.localhost', 'dev-{slug}.{app}.localhost');
  fc.assert(
    fc.property(name, name, branch, pattern, (app, service, text, host) => {
      const full = serviceHost(service, app, slugOf(text), host);
      expect(full.length).toBeLessThanOrEqual(253);
      for (const label of full.split('.')) {
        expect(label).toMatch(dnsLabel);
        expect(label.length).toBeLessThanOrEqual(63);
      }
    }),
  );
});

test('hosts follow the pattern', () => {
  expect(primaryHost('shop', 'feat-login')).toBe('feat-login.shop.localhost');
  expect(serviceHost('api', 'shop', 'feat-login')).toBe('api.feat-login.shop.localhost');
  expect(primaryHost('shop', 'feat-login', '{slug}.localhost')).toBe('feat-login.localhost');
  expect(serviceHost('api', 'shop', 'feat-login', '{slug}.localhost')).toBe('api.feat-login.localhost');
});

test('names of apps and services', () => {
  for (const good of ['a', 'web', 'web2', 'order-worker', 'a1-2b', 'a'.repeat(20)])
    expect(isName(good), good).toBe(true);
  const bad = [
    '',
    'Web',
    '2web',
    'web_app',
    'web--app',
    '-web',
    'web-',
    'a'.repeat(21),
    'coppice',
    'localhost',
    'ü',
  ];
  for (const name of bad) expect(isName(name), name).toBe(false);
});

test('a name close to an invalid one is valid, or there is none', () => {
  expect(nameNear('Web_App')).toBe('web-app');
  expect(nameNear('2web')).toBe('web');
  expect(nameNear('coppice')).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => isName(nameNear(text) ?? 'fine')));
});

test.each([
  ['{slug}.localhost', true, undefined],
  ['{slug}.{app}.localhost', true, undefined],
  ['{slug}-{app}.dev.localhost', true, undefined],
  ['{slug}.example.com', false, undefined],
  ['{slug}.example.com', true, '.localhost'],
  ['shop.localhost', true, '{slug}'],
  ['{branch}.localhost', true, '{branch}'],
  ['{slug.localhost', true, '{slug.localhost'],
  ['{slug}..localhost', true, 'single dots'],
  ['{slug}_x.localhost', true, 'dashes'],
  ['Dev-{slug}.localhost', true, 'lower-case'],
  [`${'a'.repeat(30)}-{slug}.localhost`, true, 'too long'],
])('the host pattern %s (local: %s) is refused because of %s', (pattern, local, reason) => {
  const problem = hostPatternProblem(pattern, local);
  if (reason === undefined) expect(problem).toBeUndefined();
  else expect(problem).toContain(reason);
});

test.each([
  ['shop', 'shop_owner'],
  ['order-worker', 'order_worker_owner'],
  ['pgx', 'pgx_owner'],
  ['pg', 'owner_of_pg'],
  ['pg-admin', 'owner_of_pg_admin'],
])(
  'the objects of the app %s belong to the role %s, which PostgreSQL does not keep for itself',
  (app, role) => expect(ownerRoleName(app)).toBe(role),
);

test.each([
  ['wt-shop--feat-login', { app: 'shop', slug: 'feat-login' }],
  ['wt-order-desk--a', { app: 'order-desk', slug: 'a' }],
  ['coppice', undefined],
  ['wt-shop', undefined],
])('the namespace %s is the one of %j', (namespace, environment) => {
  expect(environmentOf(namespace)).toEqual(environment);
});
