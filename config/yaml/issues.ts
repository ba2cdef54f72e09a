import type { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { didYouMean, nearest } from '../../core/suggest.ts';
import { type Path, valueAt } from './data.ts';
import type { Finding } from './document.ts';
import { keysAt } from './schema.ts';

type Issue = z.core.$ZodIssue;

export interface IssueWords {
  /** Known keys that come in a later version. */
  readonly notYet?: readonly string[];
  /** Example line for a missing key. */
  readonly examples?: Readonly<Record<string, string>>;
  /** What to do when a key's value is none of those allowed. */
  readonly otherwise?: Readonly<Record<string, string>>;
  /** A valid name close to a wrong one. */
  readonly nameNear?: (text: string) => string | undefined;
}

/** Turns a schema's issues with `data` into findings, one per mistake. */
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
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, schema, words));
    case 'invalid_key':
      return [invalidKey(issue, path, schema, words)];
    case 'invalid_union': {
      // A list was written where one branch takes a list, or a map for a map: the mistake lies inside it.
      const inside = issue.errors.find((branch) =>
        branch.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
      );
      if (inside && typeof value === 'object' && value !== null) {
        return inside.flatMap((inner) =>
          findingsOfIssue(inner, [...path, ...(inner.path as Path)], data, schema, words),
        );
      }
      break;
    }
    case 'invalid_value':
      if (value !== undefined && issue.values.length > 1)
        return [notOneOf(issue.values.map(String), value, path, words)];
      if (typeof value === 'string' && typeof issue.values[0] === 'string') {
        return [notOneOf(issue.values.map(String), value, path, words)];
      }
      break;
  }
  if (value === undefined) return [missingFinding(path, words)];
  const hint = hintFor(issue, path, value, words);
  const message = `${path.join('.')} ${expectation(issue)}, not ${shown(value)}`;
  return [{ path, at: 'value', message, ...defined({ hint }) }];
}

function hintFor(issue: Issue, path: Path, value: unknown, words: IssueWords): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (issue.code === 'invalid_type' && issue.expected === 'array') return `write ${path.at(-1)}: [${value}]`;
  const near = path.at(-1) === 'name' ? words.nameNear?.(value) : undefined;
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

function unknownKey(key: string, path: Path, schema: z.ZodType, words: IssueWords): Finding {
  const place = path.length === 0 ? '' : ` in ${path.join('.')}`;
  const common = { path: [...path, key], at: 'key' as const };
  if (words.notYet?.includes(key)) {
    return {
      ...common,
      message: `${key}${place} is not supported by this version of Coppice`,
      hint: 'remove it until a later version supports it',
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
  const near = path.at(-2) === 'services' ? words.nameNear?.(key) : undefined;
  return {
    path,
    at: 'key',
    message: `${path.join('.')}: the name ${inner ? expectation(inner) : keysAt(schema, path).join(', ')}`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}

function missingFinding(path: Path, words: IssueWords): Finding {
  const key = String(path.at(-1));
  const example = words.examples?.[key];
  return {
    path,
    at: 'key',
    message: `${path.join('.')} is missing`,
    ...(example === undefined ? {} : { hint: `write ${example}` }),
  };
}

function notOneOf(values: readonly string[], value: unknown, path: Path, words: IssueWords): Finding {
  const list = values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
  const near = typeof value === 'string' ? nearest(value, values) : undefined;
  const hint = near === undefined ? words.otherwise?.[nearestKeyOf(path)] : `did you mean "${near}"?`;
  const message = `${path.join('.')} must be ${list}, not ${shown(value)}`;
  return { path, at: 'value', message, ...defined({ hint }) };
}

/** The key that a value belongs to, also as one of a list. */
function nearestKeyOf(path: Path): string {
  return String(path.findLast((step) => typeof step === 'string'));
}

/** `must be ...`: the schema's own words if it has some, ours for the types. */
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
      if (issue.origin === 'string') return `must hold at most ${issue.maximum} characters`;
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
