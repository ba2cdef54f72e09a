import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent } from '../../core/files.ts';
import type { Guess } from './guess.ts';

export interface InitFile {
  /** Relative to the folder of the spec. */
  readonly path: string;
  readonly text: string;
}

/**
 * An app's Pulumi project, for `pulumi` by hand and for a team's own resources. At the top if that is free and this
 * package is installed in the repository; otherwise in its own folder, where `wt env` makes the package resolvable.
 */
export async function projectFiles(folder: string, { app, javascript }: Guess): Promise<InitFile[]> {
  const projectThere = await readIfPresent(join(folder, 'Pulumi.yaml'));
  const free =
    projectThere === undefined && (await readIfPresent(join(folder, 'infra', 'Pulumi.yaml'))) === undefined;
  const installed = javascript && existsSync(join(folder, 'node_modules', 'coppice'));
  if (projectThere?.includes(ourProgram) || (free && installed))
    return [{ path: 'Pulumi.yaml', text: pulumiYaml(app, ourProgram) }];
  return [
    { path: 'infra/Pulumi.yaml', text: pulumiYaml(app, 'index.js') },
    { path: 'infra/package.json', text: packageJson(app) },
    { path: 'infra/index.js', text: program },
  ];
}

/** The installed package's program, for a repository that adds nothing to it. */
const ourProgram = 'node_modules/coppice/dist/program/main.cjs';

function pulumiYaml(app: string, main: string): string {
  return `# The environments of ${app} as Pulumi stacks, one for every git worktree. By hand, in a worktree:
#   eval "$(wt env)"; pulumi stack select --create <branch>; pulumi preview
name: ${app}
description: One environment for every git worktree
runtime:
  name: nodejs
  options:
    # The program is JavaScript already: nothing is compiled on every run.
    typescript: false
main: ${main}
options:
  # So that \`pulumi up\` repairs what was changed by hand, as \`wt up\` does.
  refresh: always
`;
}

function packageJson(app: string): string {
  return `${JSON.stringify({ name: `${app}-infra`, private: true, main: 'index.js' }, null, 2)}\n`;
}

const program = `const { environment } = require('coppice');

const { url, urls, namespace, environmentId, commit, temporalNamespace } = environment();
// A team's own resources can follow, in the environment's namespace.
module.exports = { url, urls, namespace, environmentId, commit, temporalNamespace };
`;
