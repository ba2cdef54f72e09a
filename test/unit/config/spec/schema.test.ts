import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { specJsonSchema } from '../../../../config/spec/schema/json-schema.ts';
import { problemsIn } from './problems-in.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const published = JSON.parse(readFileSync(join(root, 'schema', 'coppice.schema.json'), 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true }).compile(published);

const example = `version: 1
name: shop
services:
  web:
    runtime: node
    command: node web/server.js
    port: 3000
    primary: true
    env: { API_URL: "\${services.api.url}", LEVEL: 3, DEBUG: true }
    ready: { path: /healthz, timeout: 90s }
  api:
    image: python:3.13-slim
    command: [python, -m, http.server, 4000]
    port: 4000
    paths: [/api]
    replicas: 2
    resources: { requests: { cpu: 0.1 }, limits: { memory: 512Mi } }
setup: [npm ci]
host: "{slug}.localhost"
source: mount
lifetime: { sleepAfter: 30m, deleteAfter: 7d }
profiles:
  preview: { services: { web: { replicas: 2 } }, lifetime: { sleepAfter: never }, host: "{slug}.example.com" }
`;

test('schema/coppice.schema.json is current; if not: node scripts/schema.mjs', () => {
  expect(published).toEqual(specJsonSchema());
});

test('the script that writes it agrees, with node alone', () => {
  expect(() =>
    execFileSync(process.execPath, [join(root, 'scripts', 'schema.mjs'), '--check']),
  ).not.toThrow();
});

test('the schema and the loader accept the example', () => {
  expect(problemsIn(example)).toEqual([]);
  expect(validate(parse(example)), JSON.stringify(validate.errors)).toBe(true);
});

describe('the schema and the loader refuse', () => {
  test.each([
    ['an unknown key', 'port: 3000', 'prot: 3000'],
    ['a wrong type', 'port: 3000', 'port: web'],
    ['a port out of range', 'port: 3000', 'port: 70000'],
    ['an unknown runtime', 'runtime: node', 'runtime: nodejs'],
    ['runtime and image in one', 'runtime: node', 'runtime: node\n    image: a/b'],
    ['a service name with capitals', '  api:', '  Api:'],
    ['a path without a slash', '[/api]', '[api]'],
    ['an amount that Kubernetes does not know', '512Mi', '512MB'],
    ['another version', 'version: 1', 'version: 2'],
    ['no name', 'name: shop', ''],
    ['an unknown profile', 'preview:', 'staging:'],
    ['a wrong value in a profile', 'replicas: 2 } }, lifetime', 'replicas: 200 } }, lifetime'],
    ['what comes later', 'port: 3000', 'port: 3000\n    build: .'],
    [
      'a worktree that lives for an hour',
      'lifetime: { sleepAfter: 30m, deleteAfter: 7d }',
      'lifetime: { deleteAfter: 23h }',
    ],
    [
      'a lifetime in minutes',
      'lifetime: { sleepAfter: 30m, deleteAfter: 7d }',
      'lifetime: { deleteAfter: 2000m }',
    ],
    [
      'a sleep after seconds',
      'lifetime: { sleepAfter: 30m, deleteAfter: 7d }',
      'lifetime: { sleepAfter: 30s }',
    ],
    ['a lifetime without its keys', 'lifetime: { sleepAfter: 30m, deleteAfter: 7d }', 'lifetime: 7d'],
    ['a retention in minutes', 'source: mount', 'temporal: { retention: 90m }'],
    ['a search attribute of an unknown type', 'source: mount', 'temporal: { searchAttributes: { A: Date } }'],
    ['a search attribute with a dash', 'source: mount', 'temporal: { searchAttributes: { a-b: Int } }'],
    ['a path out of the folder', 'source: mount', 'database: { seed: ../seed.sql }'],
    ['a database command without inputs', 'source: mount', 'database: { migrate: { command: m } }'],
  ])('%s', (_what, from, to) => {
    const text = example.replace(from, to);
    expect(text).not.toBe(example);
    expect(problemsIn(text).length).toBeGreaterThan(0);
    expect(validate(parse(text))).toBe(false);
  });
});

test('every field has a description, and every map of fields that an editor shows alone has a title', () => {
  const bare: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, additionalProperties } = node as Record<
      string,
      Record<string, { description?: string }>
    >;
    for (const [name, field] of Object.entries(properties ?? {})) {
      if (!field.description?.endsWith('.')) bare.push(`${path}.${name}`);
      visit(field, `${path}.${name}`);
    }
    visit(additionalProperties, `${path}.*`);
  };
  visit(published, '');
  expect(bare).toEqual([]);
  expect(published).toMatchObject({ title: 'coppice.yaml', description: expect.any(String) });
});
