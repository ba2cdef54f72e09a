import { relative } from 'node:path';
import { findSpec } from '../../config/spec/find.ts';
import { CoppiceError, ExitCode } from '../../core/errors.ts';
import { environmentName } from '../../core/names.ts';
import type { RecordedEnvironment } from './recorded.ts';
import type { AppSpec } from './specs.ts';

/** A folder without a coppice.yaml, and what a person may have meant there. */
export interface MissingSpec {
  readonly cwd: string;
  readonly slug: string;
  /** The apps elsewhere in the same worktree. */
  readonly specs: readonly AppSpec[];
  /** Environments of other repositories with the same slug. */
  readonly foreign: readonly RecordedEnvironment[];
}

/** COPPICE_NO_SPEC, with the next step: the folder of an app, `wt init`, or a full name. */
export async function missingSpecError(missing: MissingSpec): Promise<CoppiceError> {
  const { cwd, slug, foreign } = missing;
  const names = foreign.map(({ app }) => environmentName(app, slug));
  const belong = names.length === 1 ? 'belongs to another repository' : 'belong to other repositories';
  const others = names.length === 0 ? '' : `, and ${names.join(' and ')} ${belong}`;
  return new CoppiceError('COPPICE_NO_SPEC', `no coppice.yaml here (${cwd})${others}`, {
    hint: hintFor(missing, names) ?? (await misnamedHint(cwd)),
    exitCode: ExitCode.usage,
  });
}

function hintFor({ cwd, slug, specs }: MissingSpec, names: readonly string[]): string | undefined {
  const [first] = specs;
  if (first !== undefined) {
    const folders = specs.map(({ folder }) => relative(cwd, folder) || '.').join(' or ');
    return `go to ${folders}, or write a full name, as in \`wt status ${environmentName(first.app, slug)}\``;
  }
  const [name] = names;
  return name === undefined
    ? undefined
    : `\`wt init\` writes one here; the other is reached by its full name alone, as in \`wt status ${name}\``;
}

/** A file with a name that is nearly right has a hint of its own. */
async function misnamedHint(cwd: string): Promise<string> {
  const rename = await findSpec(cwd).then(
    () => undefined,
    (error: unknown) => (error instanceof CoppiceError ? error.hint : undefined),
  );
  if (rename?.startsWith('rename ')) return rename;
  return '`wt init` writes one, or name an environment in full, as in `wt status app/slug`';
}
