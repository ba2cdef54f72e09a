import { readFile, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { isMap, type Path } from '../yaml/data.ts';
import type { Finding, YamlFile } from '../yaml/document.ts';
import { parseYaml } from '../yaml/document.ts';
import { type Problem, SpecError } from '../yaml/problems.ts';
import { withText } from '../yaml/text.ts';
import { checkFile, type ProfileFinding, specOf } from './check.ts';
import { fileSchema, profileNames, type Spec } from './schema/spec.ts';

export { findSpec } from './find.ts';

export interface LoadedSpec {
  /** Absolute path of the coppice.yaml. */
  readonly file: string;
  /** Absolute path, without symbolic links, of the folder that contains it; this folder is mounted. */
  readonly folder: string;
  readonly profile: string;
  readonly spec: Spec;
}

/** Reads and checks a coppice.yaml. Throws SpecError with every problem in it, COPPICE_PROFILE, COPPICE_NO_SPEC. */
export async function loadSpec(file: string, options: { profile?: string } = {}): Promise<LoadedSpec> {
  const profile = options.profile ?? 'local';
  const path = resolve(file);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const hint = 'run `wt init` to write one';
    throw new CoppiceError('COPPICE_NO_SPEC', `${path} cannot be read: ${(cause as Error).message}`, {
      hint,
      cause,
    });
  }
  const spec = parseSpec(bytes.toString('utf8'), { file: path, profile });
  return { file: path, folder: await realpath(dirname(path)), profile, spec };
}

/**
 * The checked spec in a text, with one profile applied. Throws SpecError and COPPICE_PROFILE.
 *
 * @internal Its tests write no files.
 */
export function parseSpec(text: string, options: { file: string; profile?: string }): Spec {
  const profile = options.profile ?? 'local';
  if (!(profileNames as readonly string[]).includes(profile)) {
    throw new CoppiceError('COPPICE_PROFILE', `there is no profile ${profile}`, {
      hint: didYouMean(profile, profileNames, 'profiles'),
    });
  }
  const yaml = parseYaml(text, options.file);
  const data = withText(yaml, fileSchema);
  const problems = [...yaml.problems, ...problemsOf(yaml, data)];
  if (problems.length > 0 || !isMap(data)) throw new SpecError(unique(problems));
  return specOf(data, profile);
}

/** Problems found by checks that look beyond the file itself, shown at their place in the file. */
export async function specError(
  { file, profile }: Pick<LoadedSpec, 'file' | 'profile'>,
  findings: readonly Finding[],
): Promise<SpecError> {
  const yaml = parseYaml(await readFile(file, 'utf8'), file);
  return new SpecError(unique(findings.map((finding) => locate(yaml, { ...finding, profile }))));
}

function problemsOf(yaml: YamlFile, data: unknown): Problem[] {
  if (data === undefined) return [];
  if (data === null) {
    const hint = 'it starts with version: 1 and name: NAME; `wt init` writes one';
    return [yaml.problem({ path: [], at: 'value', message: 'the file is empty', hint })];
  }
  if (!isMap(data)) {
    const hint = 'it starts with version: 1 and name: NAME';
    return [
      yaml.problem({ path: [], at: 'value', message: 'the file must be a map of keys and values', hint }),
    ];
  }
  return checkFile(data).map((finding) => locate(yaml, finding));
}

/** Shows a finding in its profile if it was written there, else in the rest of the file. */
function locate(yaml: YamlFile, finding: ProfileFinding): Problem {
  const { profile } = finding;
  if (profile === undefined) return yaml.problem(finding);
  const inProfile: Path = ['profiles', profile, ...finding.path];
  // Exactly there, or nearer to it than the rest of the file gets.
  const depth = yaml.depth(inProfile);
  if (depth === inProfile.length || depth - 2 > yaml.depth(finding.path)) {
    return yaml.problem({ ...finding, path: inProfile });
  }
  const message = profile === 'local' ? finding.message : `${finding.message} (in profile ${profile})`;
  return yaml.problem({ ...finding, message });
}

function unique(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = `${problem.line}:${problem.column}:${problem.message}`;
    return !seen.has(key) && seen.add(key);
  });
}
