import { existsSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { readIfPresent } from '../../core/files.ts';
import type { Guess } from './guess.ts';

export interface InitFile {
  /** Relative to the folder of the spec. */
  readonly path: string;
  readonly text: string;
}

/**
 * An app's Pulumi project, for `pulumi` by hand and for a team's own resources. At the top if that is free and this
 * package is installed in the repository; otherwise in its own folder, where `wt env` makes the package resolvable. To
 * a folder with a team's program nothing is added: Node loads index.js before index.ts, so the next `pulumi up` there
 * would run ours and delete what theirs created.
 */
export async function projectFiles(folder: string, { app, javascript }: Guess): Promise<InitFile[]> {
  const ofTop = await projectAt(folder);
  const infra = join(folder, ownFolder);
  const ofInfra = await projectAt(infra);
  const installed = javascript && existsSync(join(folder, 'node_modules', 'coppice'));
  if (ofTop?.includes(ourProgram) || (ofTop === undefined && ofInfra === undefined && installed))
    return [{ path: 'Pulumi.yaml', text: pulumiYaml(app, ourProgram) }];
  const files = [
    { path: `${ownFolder}/Pulumi.yaml`, text: pulumiYaml(app, 'index.js') },
    { path: `${ownFolder}/package.json`, text: packageJson(app) },
    { path: `${ownFolder}/index.js`, text: program },
  ];
  const taken = ofInfra !== undefined || (ofTop !== undefined && runsIn(infra, folder, ofTop));
  return taken ? files.filter(({ path }) => existsSync(join(folder, path))) : files;
}

const ownFolder = 'infra';

/** Text of the Pulumi project in a folder. */
async function projectAt(folder: string): Promise<string | undefined> {
  return (
    (await readIfPresent(join(folder, 'Pulumi.yaml'))) ?? (await readIfPresent(join(folder, 'Pulumi.yml')))
  );
}

/** Whether the program of a project (`main`) is in a folder or below it. */
function runsIn(program: string, folder: string, project: string): boolean {
  const main = /^main:\s*["']?([^"'#\n]+)/m.exec(project)?.[1]?.trim();
  const path = main === undefined ? folder : resolve(folder, main);
  return path === program || path.startsWith(program + sep);
}

/** The installed package's program, for a repository that adds nothing to it. */
const ourProgram = 'node_modules/coppice/dist/program/main.cjs';

function pulumiYaml(app: string, main: string): string {
  return `# The environments of ${app} as Pulumi stacks, one for every git worktree. By hand, in this folder of a worktree:
#   eval "$(wt env)"; pulumi stack select --create <slug>; pulumi preview
# The slug of feat/login is feat-login; \`wt status\` prints it.
# The name is the same as in coppice.yaml.
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

// Its URLs, namespace, ID and commit. A team's own resources can follow, in the environment's namespace.
module.exports = environment().outputs;
`;
