import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  referenceProblem,
  referencesIn,
  referenceTable,
  resolveReferences,
} from '../../../../config/spec/references/references.ts';

const services = [
  { name: 'web', port: 3000, publicUrl: 'http://main.shop.localhost' },
  { name: 'api', port: 4000, publicUrl: 'http://api.main.shop.localhost' },
  { name: 'worker' },
];
const environment = { slug: 'feat-a', name: 'shop/feat-a', namespace: 'wt-shop--feat-a', branch: 'feat/a' };
const table = referenceTable(services, environment);
const names = services.map((service) => service.name);

test.each([
  ['${services.api.url}', 'http://api:4000'],
  ['${services.api.publicUrl}', 'http://api.main.shop.localhost'],
  ['${services.api.host}', 'api'],
  ['${services.api.port}', '4000'],
  ['${environment.slug}', 'feat-a'],
  ['${environment.name}', 'shop/feat-a'],
  ['${environment.namespace}', 'wt-shop--feat-a'],
  ['${environment.branch}', 'feat/a'],
  ['a ${ services.api.host } b', 'a api b'],
  ['${services.api.host}:${services.api.port}', 'api:4000'],
  ['$${services.api.url}', '${services.api.url}'],
  ['$$${environment.slug}', '$${environment.slug}'],
  ['$HOME $(date) $$', '$HOME $(date) $$'],
  ['', ''],
])('%s becomes %s', (value, resolved) => {
  expect(resolveReferences(value, table)).toBe(resolved);
});

test('the value of a reference is not resolved again', () => {
  const odd = referenceTable(services, { ...environment, branch: '${environment.slug}$&' });
  expect(resolveReferences('${environment.branch}', odd)).toBe('${environment.slug}$&');
});

test('text without ${ never changes', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes('${'));
      return resolveReferences(text, table) === text && referencesIn(text).length === 0;
    }),
  );
});

test('escaping any text returns that text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '.') }), (text) => {
      // A dollar before an escape would be read as part of it, as in every such template language.
      fc.pre(!text.includes('$${'));
      return resolveReferences(text.replaceAll('${', '$${'), table) === text;
    }),
  );
});

describe('a reference that cannot be resolved is reported with the reason', () => {
  const problem = (value: string) => {
    const [reference] = referencesIn(value);
    return reference && referenceProblem(reference, table, names);
  };
  test.each([
    ['${services.ap.url}', 'there is no service ap', 'did you mean "api"?'],
    ['${services.xyzzy.url}', 'there is no service xyzzy', 'services: web, api, worker'],
    ['${services.worker.url}', 'worker has no port, so it has no address', 'give services.worker a port'],
    ['${services.api.ulr}', 'is not known', 'did you mean "url"?'],
    ['${services.api}', 'is not known', 'known of api: url, publicUrl, host, port'],
    ['${services}', 'is not known', '${services.NAME.url}'],
    ['${environment.slugg}', 'is not known', 'did you mean "slug"?'],
    ['${enviroment.slug}', 'is not known', 'did you mean "${environment.slug}"?'],
    ['${database.url}', 'there is no database', 'database: {}'],
    ['${temporal.address}', 'there is no temporal', 'write temporal: {}'],
    ['${temporal}', 'there is no temporal', 'write temporal: {}'],
    ['${HOME}', 'is not known', 'for the text itself write $${HOME}'],
    ['${}', 'is not closed or is empty', 'write $${'],
    ['${services.api.url', 'is not closed or is empty', 'write $${'],
  ])('%s', (value, message, hint) => {
    expect(problem(value)?.message).toContain(message);
    expect(problem(value)?.hint).toContain(hint);
  });

  test('a valid reference is not reported', () => {
    expect(problem('${services.api.url}')).toBeUndefined();
  });
});
