import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoppiceError } from '../../core/errors.ts';
import { readJson, writeJson } from '../../core/files.ts';
import { paths } from '../../core/paths.ts';
import { start } from '../../core/run.ts';
import { digest, requireAllowed } from '../consent/allowed-commands.ts';
import type { Ports } from '../ports.ts';

/** The commands of `setup:` in one worktree. */
export interface Setup {
  readonly app: string;
  readonly slug: string;
  /** Absolute path of git's common directory: permission for one repository does not extend to another. */
  readonly repository: string;
  readonly worktree: string;
  /** Where they run. */
  readonly folder: string;
  readonly commands: readonly string[];
}

interface Done {
  readonly text: string;
  readonly worktree: string;
}

/**
 * Runs the `setup:` commands on this machine, once a worktree and again when their text changes. Asks before a text
 * runs for the first time: it comes from the repository, so from the branch's author. Throws COPPICE_SETUP_NOT_ALLOWED,
 * COPPICE_SETUP_FAILED.
 */
export async function runSetup(setup: Setup, yes: boolean, ports: Ports): Promise<void> {
  if (setup.commands.length === 0) return;
  const text = digest(setup.repository, ...setup.commands);
  const done = await readJson<Done>(doneFile(setup));
  if (done?.text === text && done.worktree === setup.worktree) return;
  const { commands } = setup;
  const refusal = {
    code: 'COPPICE_SETUP_NOT_ALLOWED',
    message: 'the `setup:` commands were not allowed',
    again: 'wt up --yes',
  } as const;
  await requireAllowed({ commands, text, refusal }, yes, ports);
  for (const command of setup.commands) await runCommand(command, setup, ports);
  await writeJson(doneFile(setup), { text, worktree: setup.worktree } satisfies Done);
}

async function runCommand(command: string, { app, slug, folder }: Setup, ports: Ports): Promise<void> {
  const task = ports.screen.start(`setup: ${command}`);
  await mkdir(paths().logs, { recursive: true, mode: 0o700 });
  const log = join(paths().logs, `setup-${app}-${slug}.txt`);
  const output = openSync(log, 'w', 0o600);
  const child = start('/bin/sh', ['-c', command], {
    cwd: folder,
    stdio: ['ignore', output, output],
    env: ports.env,
  });
  closeSync(output);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code === 0) return task.done();
  task.fail(`exit code ${code}`);
  const last = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-20);
  throw new CoppiceError(
    'COPPICE_SETUP_FAILED',
    [`\`${command}\` of setup: ended with exit code ${code}`, ...last.map((line) => `  | ${line}`)].join(
      '\n',
    ),
    { hint: `run it in ${folder}; the whole output is in ${log}` },
  );
}

function doneFile({ app, slug }: Setup): string {
  return join(paths().environments, app, `${slug}.setup.json`);
}
