import fc from 'fast-check';
import { expect, test } from 'vitest';
import { databaseName, environmentName, isName, isSlug, namespaceName } from '../../../../core/names.ts';
import { environmentPatterns, forgedKeys } from '../../../../platform/collector/attribution.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}$/).filter(isName);
const slug = fc.stringMatching(/^[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,3}$/).filter(isSlug);
const environment = fc.record({ app: name, slug });

/** RE2's spelling of flags that JavaScript has beside the pattern. */
const goPattern = (pattern: string) =>
  pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'i') : new RegExp(pattern);

/** As Prometheus does: https://prometheus.io/docs/guides/opentelemetry/#utf-8 */
const labelOf = (key: string) => key.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_+|_+$/g, '');

test('two environments never share the namespace by which their rows are found', () => {
  fc.assert(
    fc.property(environment, environment, (one, other) => {
      fc.pre(environmentName(one.app, one.slug) !== environmentName(other.app, other.slug));
      expect(namespaceName(one.app, one.slug)).not.toBe(namespaceName(other.app, other.slug));
    }),
  );
});

test('the environment and the app that are derived from a namespace are its own', () => {
  fc.assert(
    fc.property(environment, ({ app, slug: own }) => {
      const namespace = namespaceName(app, own);
      expect(namespace).toMatch(goPattern(environmentPatterns.namespace));
      expect(namespace.replace(goPattern(environmentPatterns.environment), '$1/$2')).toBe(
        environmentName(app, own),
      );
      expect(namespace.replace(goPattern(environmentPatterns.app), '$1')).toBe(app);
    }),
  );
});

test("the namespace that is derived from a database's name is its environment's", () => {
  fc.assert(
    fc.property(environment, ({ app, slug: own }) => {
      expect(databaseName(app, own).replaceAll('_', '-')).toBe(namespaceName(app, own));
    }),
  );
});

test('every key that a store would take for one of ours is deleted', () => {
  const separator = fc.stringMatching(/^[^a-zA-Z0-9]{1,3}$/);
  const words = fc.constantFrom(
    ['k8s', 'namespace', 'name'],
    ['service', 'name'],
    ['service', 'namespace'],
    ['coppice', 'environment'],
    ['k8s', 'pod', 'name'],
  );
  fc.assert(
    fc.property(words, fc.array(separator, { minLength: 4, maxLength: 4 }), (parts, [before, ...between]) => {
      const key = `${before}${parts.map((part, index) => `${part}${between[index] ?? '.'}`).join('')}`;
      fc.pre(labelOf(key) === parts.join('_'));
      expect(key).toMatch(goPattern(forgedKeys));
    }),
  );
});

test('what only looks like one of ours is kept', () => {
  for (const key of [
    'http.route',
    'service',
    'service.version',
    'order.k8s',
    'namespace',
    'customer_service_name',
  ])
    expect(key).not.toMatch(goPattern(forgedKeys));
});
