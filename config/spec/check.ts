import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { nameNear } from '../../core/names.ts';
import { nearest } from '../../core/suggest.ts';
import { isMap, type Path, valueAt } from '../yaml/data.ts';
import type { Finding } from '../yaml/document.ts';
import { findingsOf } from '../yaml/issues.ts';
import { keysAt, schemaAt } from '../yaml/schema.ts';
import { withProfile } from './profiles.ts';
import { rules, type SpecView } from './rules/index.ts';
import { fileSchema, notYet, profileNames, type Spec, specSchema } from './schema/spec.ts';

const words = {
  notYet,
  nameNear,
  otherwise: {
    runtime: 'for any other language write image: NAME',
    instrument: 'in another language the app brings its own OpenTelemetry SDK, whose variables are set',
  },
  examples: { version: 'version: 1', name: 'name: shop', path: 'path: /healthz' },
};

/** A finding in the file with one profile applied; without a profile, in the file as written. */
export interface ProfileFinding extends Finding {
  readonly profile?: string;
}

/** Everything that is wrong with the data of a coppice.yaml, in any profile. Pure. */
export function checkFile(data: Readonly<Record<string, unknown>>): ProfileFinding[] {
  const issues = issuesOf(data);
  const sound = withoutBroken(data, issues);
  const meant = correctTypos(data, issues);
  // A mistyped key is one mistake: the key that was meant is not also missing.
  const found: ProfileFinding[] = findingsOf(issues, data, fileSchema, words).filter(
    ({ path }) => valueAt(data, path) !== undefined || valueAt(meant, path) === undefined,
  );
  // The file itself first: its mistakes are in every profile too, and are reported once.
  const known = new Set<string>();
  for (const profile of profileNames) {
    for (const finding of checkRules(sound, meant, profile)) {
      const same = JSON.stringify([finding.path, finding.text, finding.message]);
      if (!known.has(same)) found.push({ ...finding, profile });
      known.add(same);
    }
  }
  return found;
}

/** zod does not look into a map entry whose key it refuses: other mistakes there should be reported in the same run. */
function issuesOf(data: Readonly<Data>): z.core.$ZodIssue[] {
  const parsed = fileSchema.safeParse(data);
  const issues = parsed.success ? [] : parsed.error.issues;
  const inside = issues.flatMap((issue) => {
    if (issue.code !== 'invalid_key') return [];
    const path = issue.path as Path;
    const result = schemaAt(fileSchema, path)?.safeParse(valueAt(data, path));
    return result?.error?.issues.map((inner) => ({ ...inner, path: [...path, ...inner.path] })) ?? [];
  });
  return [...issues, ...inside];
}

/** The spec of one profile, from data without mistakes. */
export function specOf(data: Readonly<Record<string, unknown>>, profile: string): Spec {
  return specSchema.parse(withProfile(data, profile));
}

function checkRules(sound: Readonly<Data>, meant: Readonly<Data>, profile: string): Finding[] {
  const merged = withProfile(sound, profile);
  const parsed = specSchema.safeParse(merged);
  // Two halves that are each allowed can still lack something together, such as a profile's `ready` without a path.
  const issues = parsed.success ? [] : parsed.error.issues;
  const spec = soundSpec(merged as Data);
  const written = withProfile(meant, profile);
  const services = valueAt(written, ['services']);
  const view: SpecView = {
    spec,
    profile,
    written: (path) => valueAt(written, path) !== undefined,
    serviceNames: isMap(services) ? Object.keys(services) : [],
  };
  const found = rules.flatMap((rule) => rule.check(view));
  // What was removed because it is wrong by itself is not missing.
  const lacking = findingsOf(issues, merged, specSchema, words).filter(
    ({ path }) => valueAt(merged, path) !== undefined || !view.written(path),
  );
  return [...lacking, ...found];
}

/** What is without a part that it needs goes too, from the inside out: `from` without `dump` without `command`. */
function soundSpec(data: Readonly<Data>): Spec {
  const parsed = specSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const less = withoutBroken(data, parsed.error.issues);
  if (isDeepStrictEqual(less, data)) throw parsed.error;
  return soundSpec(less);
}

type Data = Record<string, unknown>;

/** The data without what the schema refused, so that the rules can check the rest in the same run. */
function withoutBroken(data: Readonly<Data>, issues: readonly z.core.$ZodIssue[]): Data {
  const sound = structuredClone(data) as Data;
  for (const issue of issues) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(sound, [...path, key]);
    // A list is removed as a whole: without one of its words a command is a different command.
    else remove(sound, nearestKey(valueAt(data, path) === undefined ? path.slice(0, -1) : path));
  }
  return { ...sound, version: 1, name: typeof sound.name === 'string' ? sound.name : 'app' };
}

/** The data with mistyped keys under the name that was meant: a typo is one mistake, not two. */
function correctTypos(data: Readonly<Data>, issues: readonly z.core.$ZodIssue[]): Data {
  const meant = structuredClone(data) as Data;
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const place = issue.path as Path;
    const map = valueAt(meant, place) as Data;
    for (const key of issue.keys) {
      const name = nearest(key, keysAt(fileSchema, place));
      if (name !== undefined && !Object.hasOwn(map, name)) map[name] = map[key];
    }
  }
  return meant;
}

function nearestKey(path: Path): Path {
  const index = path.findIndex((step) => typeof step === 'number');
  return index < 0 ? path : path.slice(0, index);
}

function remove(data: Data, path: Path): void {
  const last = path.at(-1);
  const parent = valueAt(data, path.slice(0, -1));
  if (last !== undefined && isMap(parent)) delete (parent as Data)[last];
}
