import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ClusterRecord } from '../../core/state/cluster-record.ts';
import { environmentProgram } from '../../stacks/environment.ts';
import { get, kubectl } from '../e2e/harness.ts';
import { planOf } from '../golden/plans.ts';
import { type RecordedResource, resourcesOf } from '../golden/resources.ts';
import { cluster, destroy, Engine, up, Worktree } from './harness.ts';

/** What the spec accepts, the real servers accept. */

let record: ClusterRecord;
let folder: string;

beforeAll(async () => {
  ({ record } = await cluster());
  folder = mkdtempSync(join(tmpdir(), 'coppice-accepted-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\0'));
/** Every character that a path may have. */
const segment = fc.stringMatching(/^[-\w.~!$&'()*+,;=:@]{1,12}$/).filter((part) => !/^\.\.?$/.test(part));
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,10})?$/);
const quantity = fc.constantFrom('1m', '100m', '0.5', '2', '1e3', '100000');
const bytes = fc.constantFrom('1Mi', '1.5Mi', '.5Gi', '2.Gi', '1e9', '7Ei', '1048577', '2097152000m');

const service = fc.record(
  {
    image: fc.constantFrom('a', 'node:20', 'example.com:5000/a/b-c__d.e:V1', 'LOCALHOST/a---b'),
    command: fc.oneof(text.filter(Boolean), fc.array(text, { minLength: 1, maxLength: 3 })),
    port: fc.integer({ min: 1, max: 65535 }),
    paths: fc.uniqueArray(path, { maxLength: 150 }),
    env: fc.dictionary(fc.stringMatching(/^[-._A-Za-z][-._A-Za-z0-9]{0,12}$/), text, { maxKeys: 5 }),
    ready: fc.record({ path: path.map((one) => `${one}?a=%20`), timeout: fc.constantFrom('1s', '9999m') }),
    replicas: fc.integer({ min: 0, max: 10 }),
    resources: fc.record({ limits: fc.record({ cpu: quantity, memory: bytes }) }),
  },
  { requiredKeys: ['image', 'port'] },
);

/** Also without a primary service, services with the names of our own objects, and more than one HTTPRoute has room for. */
const spec = fc
  .tuple(
    name,
    fc.boolean(),
    fc.dictionary(fc.oneof(name, fc.constantFrom('database', 'temporal', 'environment', 'ready')), service, {
      minKeys: 1,
      maxKeys: 20,
    }),
  )
  .map(([app, hasPrimary, services]) => {
    const taken = new Set<string>();
    const free = (one: string) => {
      const prefix = one.replace(/\/$/, '');
      if (taken.has(prefix)) return false;
      taken.add(prefix);
      return true;
    };
    const written = Object.entries(services).map(([one, { paths = [], env, ...rest }], index) => [
      one,
      {
        ...rest,
        // A shell would drop the unusual names.
        ...(typeof rest.command === 'string' ? {} : { env }),
        primary: hasPrimary && index === 0,
        ...(hasPrimary && index === 0 ? {} : { paths: paths.filter(free) }),
      },
    ]);
    return { version: 1, name: app, services: Object.fromEntries(written) };
  });

/** A Kubernetes object as `kubectl` reads it. */
function manifestOf({ type, inputs }: RecordedResource) {
  const [, group = '', kind] = /^kubernetes:(.*):(\w+)$/.exec(type) ?? [];
  const { metadata } = inputs as { readonly metadata: object };
  return {
    apiVersion: group.replace(/^core\//, ''),
    kind,
    ...inputs,
    metadata: { ...metadata, namespace: 'default' },
  };
}

test('the API server accepts every object of a spec that is accepted', async () => {
  const specs = fc.sample(spec, { numRuns: 25, seed: Number(process.env.COPPICE_TEST_SEED ?? Date.now()) });
  const items = [];
  for (const [index, one] of specs.entries()) {
    const plan = planOf(stringify(one), {
      identity: { branch: `feat/nearly-as-long-as-a-slug-can-be-${index}` },
    });
    const resources = await resourcesOf(plan.app, plan.slug, environmentProgram({ plan, record }));
    expect(new Set(resources.map(({ type, name: own }) => `${type} ${own}`)).size).toBe(resources.length);
    items.push(...resources.filter(({ type }) => type.startsWith('kubernetes:')).map(manifestOf));
  }
  expect(items.length).toBeGreaterThan(100);
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  // Throws with the server's own words for every object that it refuses.
  const created = await kubectl('create', '--dry-run=server', '--filename', file, '--output=name');
  expect(created.trim().split('\n')).toHaveLength(items.length);
});

describe('a spec at its limits', () => {
  const special = "-._~!$&'()*+,;=:@";
  const long = 'x'.repeat(119_900);
  const written = {
    version: 1,
    name: 'limits',
    services: {
      web: { runtime: 'node', command: 'node server.js', port: 3000, primary: true },
      api: {
        runtime: 'node',
        command: ['node', 'server.js'],
        port: 4000,
        paths: [
          ...Array.from({ length: 140 }, (_, index) => `/p${index}`),
          ...[...special].map((one) => `/c/a${one}b`),
          `/${'a'.repeat(1023)}`,
        ],
        env: { LONG: long, 'A-b.c': 'odd', CONTROL: '\u0007\n\t"$(HOME)`' },
      },
      args: {
        runtime: 'node',
        command: ['node', 'server.js', long, long, '$(HOME)', ''],
        port: 5000,
        resources: { limits: { cpu: '1m', memory: '100000000' } },
        replicas: 0,
      },
    },
  };
  let worktree: Worktree;
  let engine: Engine;
  beforeAll(() => {
    engine = new Engine();
    worktree = new Worktree('main', {
      'server.js': `const { LONG = '', CONTROL } = process.env;
require('node:http').createServer((request, response) => response.end(JSON.stringify({
  path: request.url, port: process.env.PORT, long: LONG.length, odd: process.env['A-b.c'], control: CONTROL,
}))).listen(process.env.PORT);`,
    });
  });
  afterAll(async () => {
    await destroy(await engine.environment(worktree.plan(record, stringify(written)), record));
    engine.remove();
    worktree.remove();
  });

  test('comes up, and answers at every path from the service that has it', async () => {
    const done = await up(await engine.environment(worktree.plan(record, stringify(written)), record));
    expect(done.errors).toEqual([]);
    const { paths } = written.services.api;
    const answers = await Promise.all(
      ['/', ...paths].map(async (path) =>
        JSON.parse((await get('main.limits.localhost', path, record.http.port)).body),
      ),
    );
    expect(answers[0]).toMatchObject({ path: '/', port: '3000' });
    for (const [index, path] of paths.entries())
      expect(answers[index + 1]).toMatchObject({ path, port: '4000' });
    expect(answers[1]).toMatchObject({ long: long.length, odd: 'odd', control: '\u0007\n\t"$(HOME)`' });
  });
});
