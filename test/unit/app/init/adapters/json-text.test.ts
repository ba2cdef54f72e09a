import { describe, expect, test } from 'vitest';
import { JsonText } from '../../../../../app/init/adapters/json-text.ts';

const json = (text: string) => new JsonText(text, 'x.json');

describe('a value is added where', () => {
  test.each([
    ['', '{\n  "a": {\n    "b": 1\n  }\n}\n'],
    ['{}', '{\n  "a": {\n    "b": 1\n  }\n}'],
    ['{"c":2}', '{"c":2,\n  "a": {\n    "b": 1\n  }\n}'],
    ['{\n    "c": 2\n}\n', '{\n    "c": 2,\n    "a": {\n        "b": 1\n    }\n}\n'],
    ['{\n  "c": 2, // two\n}\n', '{\n  "c": 2, // two\n  "a": {\n    "b": 1\n  }\n}\n'],
    ['{\n  "c": 2 // two\n}\n', '{\n  "c": 2, // two\n  "a": {\n    "b": 1\n  }\n}\n'],
    ['{\r\n\t"c": 2\r\n}\r\n', '{\r\n\t"c": 2,\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}\r\n'],
    ['{\n  "a": {}\n}\n', '{\n  "a": {\n    "b": 1\n  }\n}\n'],
    ['{\n  "a": { "b": 0 /* old */ }\n}\n', '{\n  "a": { "b": 1 /* old */ }\n}\n'],
    [
      '{\n  "//": "no comment",\n  "s": "a\\"// b"\n}\n',
      '{\n  "//": "no comment",\n  "s": "a\\"// b",\n  "a": {\n    "b": 1\n  }\n}\n',
    ],
  ])('the file is %j', (before, after) => {
    expect(json(before).with(['a', 'b'], 1)).toBe(after);
    expect(json(after).at(['a', 'b'])).toBe(1);
  });
});

test('an element is added behind the last one and its comment', () => {
  expect(json('{"l": [1]}').withElement(['l'], 2)).toBe('{"l": [1,\n    2\n  ]}');
  expect(json('{\n  "l": [\n    1, // one\n  ]\n}\n').withElement(['l'], 2)).toBe(
    '{\n  "l": [\n    1, // one\n    2\n  ]\n}\n',
  );
  expect(json('{"l": [[1]]}').withElement(['l'], []).replaceAll(/\s/g, '')).toBe('{"l":[[1],[]]}');
});

test('what is no object is refused with the name of the file', () => {
  for (const text of ['{', '[1]', '{"a": 1 "b": 2}', 'a: 1: 2'])
    expect(() => json(text), text).toThrow('x.json is not JSON');
});

test('where another kind of value is, nothing is replaced, and the place is named', () => {
  const hooks = '{\n  "hooks": []\n}\n';
  expect(() => json(hooks).withElement(['hooks', 'Stop'], 1)).toThrow(
    'x.json:2:12: hooks must be an object, and is an array',
  );
  expect(() => json('{"a": "x"}').with(['a', 'b'], 1)).toThrow('a must be an object, and is "x"');
  expect(() => json('{"l": {"m": 3}}').withElement(['l', 'm'], 1)).toThrow('l.m must be an array, and is 3');
  expect(() => json('{"l": 3}').listAt(['l'])).toThrow('x.json:1:7: l must be an array, and is 3');
  expect(() => json('{"t": ["x"]}').textAt(['t'])).toThrow('t must be text, and is an array');
  expect(json('{"a": null}').with(['a', 'b'], 1).replaceAll(/\s/g, '')).toBe('{"a":{"b":1}}');
});
