import { delimiter } from 'node:path';
import type { PulumiFn } from '@pulumi/pulumi/automation/workspace.js';
import { CoppiceError, hasCode } from '../../core/errors.ts';
import { type TemporaryFolder, withTemporaryFolder } from '../../core/temporary-folder.ts';
import { until } from '../../core/until.ts';
import { forgetDamagedAttributes } from './attributes.ts';
import { keepCopy, restoreStack, stackDamage } from './checkpoint.ts';
import { pulumi } from './command.ts';
import { engineEnvironment, prepareState, projectFolder } from './environment-variables.ts';
import { engineFailure } from './failure.ts';
import { fullDisk } from './full-disk.ts';
import { moduleFolders } from './hand-tools.ts';
import { forgetOldUpdates } from './history.ts';
import { type Held, holdStack } from './hold.ts';
import { clearPendingOperations } from './pending.ts';
import type { EnginePrograms } from './programs.ts';
import { refuseProtected } from './protected.ts';
import { type EngineOutcome, type EnginePorts, type EngineRun, type EngineSetup, runEngine } from './run.ts';
import {
  beginStack,
  forgetStackSettings,
  readStack,
  removeStackFiles,
  type StackName,
} from './stack-state.ts';

export interface UpOptions {
  /**
   * Whether to compare with the cluster first: for an environment that exists but does not answer. Asked when the stack
   * is held, as the run before may have changed everything.
   */
  readonly refresh: () => Promise<boolean>;
}

/** How often two processes may take each other's lock before it is reported. */
const LOCK_ATTEMPTS = 5;

/** What creates a stack's resources: a program in this process, or the one in a Pulumi project's folder. */
export type Program = { readonly inline: PulumiFn } | { readonly folder: string };

/**
 * Updates a stack to what its program describes, with a single engine process. Throws COPPICE_UP_FAILED with every
 * error by resource, COPPICE_DISK_FULL, COPPICE_LOCKED, COPPICE_INTERRUPTED, and what the program throws.
 */
export async function engineUp(
  stack: StackName,
  program: Program,
  { refresh }: UpOptions,
  programs: EnginePrograms,
  ports: EnginePorts,
): Promise<EngineOutcome> {
  const prepared = await setUp(stack, programs);
  const whole = 'folder' in program ? { ...prepared, ...ownSetup(program.folder, prepared) } : prepared;
  return holdWithFolder(stack, 'up', whole, ports, async (setup, held) => {
    // What was created after the copy exists, and no state knows it: the engine compares with the cluster.
    const restored = await restoreDamaged(stack, 'up', ports);
    await ensureStack(stack, setup);
    // Before it had a stack, the `down` of the app's last environment may have removed it.
    await projectFolder(stack.project);
    await forgetPending(stack, setup, ports);
    const args = (await refresh()) || restored ? ['--refresh'] : [];
    const inline = 'inline' in program ? { program: program.inline } : {};
    const outcome = await operate({ verb: 'up', stack, args, ...inline }, setup, ports, held);
    await forgetOldUpdates(stack);
    return outcome;
  });
}

/**
 * Removes everything in a stack, and the stack itself. Undefined when there was none; an empty one counts as none.
 * `variables` are for the providers in this one run. Throws COPPICE_PROTECTED before anything is deleted,
 * COPPICE_DOWN_FAILED, COPPICE_DISK_FULL, COPPICE_LOCKED, COPPICE_INTERRUPTED.
 */
export async function engineDestroy(
  stack: StackName,
  programs: EnginePrograms,
  ports: EnginePorts,
  variables: Readonly<Record<string, string>> = {},
): Promise<EngineOutcome | undefined> {
  const prepared = await setUp(stack, programs);
  const whole = { ...prepared, environment: { ...prepared.environment, ...variables } };
  return holdWithFolder(stack, 'down', whole, ports, async (setup, held) => {
    await restoreDamaged(stack, 'down', ports);
    const state = await readStack(stack);
    if (state === undefined) return undefined;
    // The engine would notice only when it gets there, with half of the environment gone.
    refuseProtected([[stack, state]]);
    await forgetPending(stack, setup, ports);
    const outcome = await operate({ verb: 'destroy', stack, args: ['--remove'] }, setup, ports, held);
    await forgetStackSettings(setup.folder, stack.stack);
    // The engine leaves a backup of the state behind.
    await removeStackFiles(stack);
    return state.resources.length === 0 ? undefined : outcome;
  });
}

async function setUp({ project }: StackName, programs: EnginePrograms): Promise<EngineSetup> {
  await prepareState();
  return {
    pulumi: programs.pulumi,
    environment: engineEnvironment(process.env),
    folder: await projectFolder(project),
  };
}

/** Holds the stack, with a folder for what the engine and its plugins leave in theirs for temporary files. */
function holdWithFolder<T>(
  stack: StackName,
  verb: string,
  setup: EngineSetup,
  ports: EnginePorts,
  work: (setup: EngineSetup, held: Held) => Promise<T>,
): Promise<T> {
  return holdStack(stack, verb, note(ports), (held) =>
    withTemporaryFolder((folder) => work(inFolder(setup, folder), keeping(held, folder))),
  );
}

function inFolder(setup: EngineSetup, { path }: TemporaryFolder): EngineSetup {
  return { ...setup, environment: { ...setup.environment, TMPDIR: path } };
}

/** The engine goes on when this process is killed. */
function keeping(held: Held, folder: TemporaryFolder): Held {
  return async (engine) => {
    await Promise.all([held(engine), folder.keepFor(engine)]);
  };
}

/**
 * A team's program finds coppice and the SDK through the variables of `wt env`, and may use providers that must be
 * fetched first.
 */
function ownSetup(folder: string, { environment }: EngineSetup): Pick<EngineSetup, 'folder' | 'environment'> {
  const { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: _, ...kept } = environment;
  const modules = [...moduleFolders(), kept.NODE_PATH].filter(Boolean).join(delimiter);
  return { folder, environment: { ...kept, NODE_PATH: modules } };
}

/** What the engine does with what was created after a copy was written. */
const afterCopy = {
  up: 'What was created after the copy is adopted in this run',
  down: 'What was created after the copy is removed with the namespace',
} as const;

/** Whether the state was damaged; a whole copy is in its place now, and the user is told. Throws COPPICE_DAMAGED. */
async function restoreDamaged(
  stack: StackName,
  verb: keyof typeof afterCopy,
  ports: Pick<EnginePorts, 'screen'>,
): Promise<boolean> {
  for (const { file, problem } of await forgetDamagedAttributes(stack))
    ports.screen.note(`removed ${file}, as ${problem}; nothing is lost with it`);
  const restored = await restoreStack(stack);
  if (restored === undefined) return false;
  const { aside, copy, from } = restored;
  ports.screen.note(
    `the state of ${stack.project}/${stack.stack} was damaged; its copy ${copy}${from === undefined ? '' : ` of ${from}`} is in its place, and the damaged file is kept as ${aside}. ${afterCopy[verb]}`,
  );
  return true;
}

/** `stack init` costs 0.45 s and writes two lines, so it creates only the backend's first stack. */
async function ensureStack(stack: StackName, setup: EngineSetup): Promise<void> {
  if ((await readStack(stack)) || (await beginStack(stack))) return;
  await pulumi(['stack', 'init', stack.stack, '--no-select'], stack, setup);
}

async function forgetPending(stack: StackName, setup: EngineSetup, ports: EnginePorts): Promise<void> {
  const count = await clearPendingOperations(stack, setup);
  if (count > 0) ports.screen.note(`continuing after a run that was killed with ${count} unfinished steps`);
}

/** A `pulumi` by hand may take the stack's lock between our check and the engine's start. */
async function operate(
  run: EngineRun,
  setup: EngineSetup,
  ports: EnginePorts,
  held: Held,
): Promise<EngineOutcome> {
  await keepCopy(run.stack);
  const outcome = await until(() => runEngine({ ...run, onStart: held }, setup, ports), {
    done: (outcome) => !isLocked(outcome) || outcome.interrupted,
    every: ({ attempts }) => 200 * attempts,
    attempts: LOCK_ATTEMPTS,
  });
  if (outcome.exitCode !== 0)
    throw isLocked(outcome) ? lockedError(run.stack, outcome) : await failureOf(run, outcome);
  await requireWhole(run.stack);
  return outcome;
}

/** What the engine reported, or else that its disk is full: what it then says is no more than that it failed. */
async function failureOf({ verb, stack }: EngineRun, outcome: EngineOutcome): Promise<CoppiceError> {
  const failure = engineFailure(verb, stack, outcome);
  if (!hasCode(failure, 'COPPICE_UP_FAILED', 'COPPICE_DOWN_FAILED')) return failure;
  const done = `${stack.project}/${stack.stack} is only partly ${verb === 'up' ? 'started' : 'removed'}`;
  return (await fullDisk(done, failure.message)) ?? failure;
}

/** After an engine that reported no error. Throws COPPICE_DISK_FULL, COPPICE_DAMAGED. */
async function requireWhole(stack: StackName): Promise<void> {
  const damage = await stackDamage(stack);
  if (damage === undefined) return;
  const { file, problem, copy } = damage;
  const what = `the engine left a damaged state of ${stack.project}/${stack.stack}, ${file}: ${problem}`;
  const hint = `run this again: it puts the copy ${copy} in its place and compares it with the cluster`;
  throw (await fullDisk(what, '')) ?? new CoppiceError('COPPICE_DAMAGED', what, { hint });
}

function isLocked({ exitCode, output }: EngineOutcome): boolean {
  return exitCode !== 0 && output.includes('the stack is currently locked');
}

function lockedError({ project, stack }: StackName, outcome: EngineOutcome): CoppiceError {
  const by = /created by (\S+) \(pid (\d+)\)/.exec(outcome.output);
  const owner = by ? `${by[1]}, process ${by[2]}` : 'another process';
  return new CoppiceError('COPPICE_LOCKED', `${project}/${stack} is being changed by ${owner}`, {
    hint: 'wait until it has ended, then run this again',
  });
}

function note({ screen }: EnginePorts): (text: string) => void {
  return (text) => screen.note(text);
}
