import type { z } from 'zod';
import type { Finding, Path } from './document.ts';
import { didYouMean } from './suggest.ts';

type Issue = z.core.$ZodIssue;

export interface IssueWords {
  /** Keys that are known but come in a later version. */
  readonly notYet?: readonly string[];
  /** Example line for a key that is missing. */
  readonly examples?: Readonly<Record<string, string>>;
  /** A valid name near to a wrong one. */
  readonly nameNear?: (text: string) => string | undefined;
}

/** Says in words what a schema found in `data`, one finding for every mistake. */
export function findingsOf(
  issues: readonly Issue[],
  data: unknown,
  schema: z.ZodType,
  words: IssueWords = {},
): Finding[] {
  return issues.flatMap((issue) => findingsOfIssue(issue, issue.path as Path, data, schema, words));
}

function findingsOfIssue(
  issue: Issue,
  path: Path,
  data: unknown,
  schema: z.ZodType,
  words: IssueWords,
): Finding[] {
  const value = valueAt(data, path);
  const label = path.join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, schema, words));
    case 'invalid_key':
      return [invalidKey(issue, path, schema, words)];
    case 'invalid_union': {
      // A list was written where one branch takes a list: what is wrong lies inside it.
      const inside = issue.errors.find((branch) => branch.some((inner) => inner.path.length > 0));
      if (inside && typeof value === 'object' && value !== null) {
        return inside.flatMap((inner) =>
          findingsOfIssue(inner, [...path, ...(inner.path as Path)], data, schema, words),
        );
      }
      break;
    }
    case 'invalid_value':
      if (value !== undefined && issue.values.length > 1)
        return [notOneOf(issue.values.map(String), value, path)];
      if (typeof value === 'string' && typeof issue.values[0] === 'string') {
        return [notOneOf(issue.values.map(String), value, path)];
      }
      break;
  }
  if (value === undefined) return [missing(path, words)];
  const name = path.at(-1) === 'name' && typeof value === 'string' ? words.nameNear?.(value) : undefined;
  return [
    {
      path,
      at: 'value',
      message: `${label} ${expectation(issue)}, not ${shown(value)}`,
      ...(name === undefined ? {} : { hint: `did you mean "${name}"?` }),
    },
  ];
}

function unknownKey(key: string, path: Path, schema: z.ZodType, words: IssueWords): Finding {
  const place = path.length === 0 ? '' : ` in ${path.join('.')}`;
  const common = { path: [...path, key], at: 'key' as const };
  if (words.notYet?.includes(key)) {
    return {
      ...common,
      message: `${key}${place} is not supported by this version of Coppice`,
      hint: 'it comes with a later version: remove it until then',
    };
  }
  return {
    ...common,
    message: `unknown key ${key}${place}`,
    hint: didYouMean(key, keysAt(schema, path), 'known here'),
  };
}

function invalidKey(
  issue: Extract<Issue, { code: 'invalid_key' }>,
  path: Path,
  schema: z.ZodType,
  words: IssueWords,
): Finding {
  const key = String(path.at(-1));
  const inner = issue.issues[0];
  if (inner?.code === 'invalid_value') {
    const hint = didYouMean(key, inner.values.map(String), 'known here');
    return { path, at: 'key', message: `unknown key ${key} in ${path.slice(0, -1).join('.')}`, hint };
  }
  const near = isEnvironment(path) ? undefined : words.nameNear?.(key);
  return {
    path,
    at: 'key',
    message: `${path.join('.')}: the name ${inner ? expectation(inner) : keysAt(schema, path).join(', ')}`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}

function isEnvironment(path: Path): boolean {
  return path.at(-2) === 'env';
}

function missing(path: Path, words: IssueWords): Finding {
  const key = String(path.at(-1));
  const example = words.examples?.[key];
  return {
    path,
    at: 'key',
    message: `${path.join('.')} is missing`,
    ...(example === undefined ? {} : { hint: `write ${example}` }),
  };
}

function notOneOf(values: readonly string[], value: unknown, path: Path): Finding {
  const wrong = shown(value);
  const list = values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
  const hint = typeof value === 'string' ? didYouMean(value, values, 'known') : undefined;
  return {
    path,
    at: 'value',
    message: `${path.join('.')} must be ${list}, not ${wrong}`,
    // The list is in the message already.
    ...(hint?.startsWith('did you mean') ? { hint } : {}),
  };
}

/** `must be ...`: the schema's own words where it has some, ours for the types. */
function expectation(issue: Issue): string {
  if (!/^(Invalid|Too|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'starts_with'
        ? `must begin with ${String((issue as { prefix?: string }).prefix)}`
        : 'is not valid';
    default:
      return 'is not valid';
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
};

function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string' && value.length > 40) return `"${value.slice(0, 37)}..."`;
  return typeof value === 'string' ? `"${value}"` : String(value);
}

export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** The keys that a schema knows at a place. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  let current: unknown = schema;
  for (const step of [...path, undefined]) {
    const definition = definitionOf(current);
    if (step === undefined) return Object.keys(definition.shape ?? {});
    current = definition.shape ? definition.shape[step] : (definition.valueType ?? definition.element);
  }
  return [];
}

interface Definition {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly innerType?: unknown;
}

/** Looks through `optional` and `default`. */
function definitionOf(schema: unknown): Definition {
  const definition = (schema as { def?: Definition } | undefined)?.def ?? {};
  return definition.innerType === undefined ? definition : definitionOf(definition.innerType);
}
