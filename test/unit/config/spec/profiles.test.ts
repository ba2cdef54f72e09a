import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSpec } from '../../../../config/spec/load.ts';
import { mergeProfile } from '../../../../config/spec/profiles.ts';
import { problemsIn } from './problems-in.ts';

const base = `version: 1
name: shop
services:
  web:
    runtime: node
    command: [node, web.js]
    port: 3000
    env: { A: base, B: base }
setup: [npm ci, npm run build]
`;
const preview = (lines: string) => `${base}profiles:\n  preview:\n${lines}`;
const load = (text: string, profile = 'preview') => parseSpec(text, { file: 'x', profile });

describe('a profile', () => {
  test('is merged into maps key by key', () => {
    const text = preview('    services: { web: { env: { B: changed, C: new }, replicas: 2 } }\n');
    expect(load(text).services.web).toMatchObject({
      runtime: 'node',
      port: 3000,
      replicas: 2,
      env: { A: 'base', B: 'changed', C: 'new' },
    });
  });

  test('replaces lists', () => {
    expect(load(preview('    setup: [make]\n')).setup).toEqual(['make']);
  });

  test('may add its own services', () => {
    const text = preview('    services: { mock: { image: a/b } }\n');
    expect(Object.keys(load(text).services)).toEqual(['web', 'mock']);
    expect(Object.keys(load(text, 'local').services)).toEqual(['web']);
  });

  test('that does not exist in the file changes nothing', () => {
    expect(load(base, 'preview')).toEqual(load(base, 'local'));
  });

  test('called local is used by default', () => {
    expect(parseSpec(`${base}profiles: { local: { setup: [] } }\n`, { file: 'x' }).setup).toEqual([]);
  });
});

describe('a mistake in a profile', () => {
  test('is found whichever profile is selected, at its place in the profile', () => {
    expect(problemsIn(preview('    services: { web: { replicas: many } }\n'))).toEqual([
      expect.objectContaining({ line: 12, column: 34, length: 4 }),
    ]);
  });

  test('that arises only from the merge is shown in the profile too', () => {
    const text = preview('    services:\n      web:\n        image: a/b\n');
    expect(problemsIn(text)).toEqual([
      expect.objectContaining({ line: 14, column: 16, message: 'service web has both runtime and image' }),
    ]);
  });

  test('in what the profile adds is shown at the nearest place', () => {
    const text = preview(
      '    services:\n      mock: { command: x }\n      web:\n        ready: { timeout: 5m }\n',
    );
    expect(problemsIn(text).map(({ line, column, message }) => [line, column, message])).toEqual([
      [13, 7, 'service mock has neither runtime nor image'],
      [15, 9, 'services.web.ready.path is missing'],
    ]);
  });

  test('is a reference to a service that only another profile has', () => {
    const text = `${base}profiles:
  local: { services: { mock: { image: a/b, port: 80, primary: false } } }
  preview: { services: { web: { env: { M: "\${services.mock.url}" } } } }
`;
    expect(problemsIn(text)).toEqual([
      expect.objectContaining({ line: 12, message: '${services.mock.url}: there is no service mock' }),
    ]);
  });

  test('in the file itself is reported once, not once per profile', () => {
    const text = `${base.replace('port: 3000', 'port: 3000\n    paths: [/x]')}profiles: { preview: { setup: [] } }\n`;
    expect(problemsIn(text)).toHaveLength(1);
  });

  test('caused only by its own values of other fields names the profile', () => {
    const text = preview('    services:\n      api: { image: a/b, port: 80 }\n');
    expect(problemsIn(text)[0]?.message).toContain('web, api have ports');
  });

  test('is a profile within a profile, a name, or an unknown profile', () => {
    expect(problemsIn(preview('    profiles: {}\n    name: x\n'))).toHaveLength(2);
    expect(problemsIn(`${base}profiles: { staging: {} }\n`)[0]).toMatchObject({
      message: 'unknown key staging in profiles',
      hint: 'known here: local, preview',
    });
  });
});

describe('merging', () => {
  const data = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }));

  test('nothing merged over something changes nothing, nor does a value merged over itself', () => {
    fc.assert(
      fc.property(data, (map) => {
        expect(mergeProfile(map, {})).toEqual(map);
        expect(mergeProfile(map, undefined)).toEqual(map);
        expect(mergeProfile(map, map)).toEqual(map);
      }),
    );
  });

  test('cannot touch any prototype', () => {
    mergeProfile({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
