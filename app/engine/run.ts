import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { PulumiFn } from '@pulumi/pulumi/automation/workspace.js';
import { hasCode } from '../../core/errors.ts';
import { readIfPresent } from '../../core/files.ts';
import type { Interrupts } from '../../core/interrupts.ts';
import { start } from '../../core/run.ts';
import type { Screen } from '../screen.ts';
import type { StackName } from './backend-files.ts';
import type { EngineEvent } from './events.ts';
import { watchDisk } from './full-disk.ts';
import { openRawLog, type RawLog } from './raw-log.ts';
import { initialState, noteIn, type RunState, reduce, rowsOf } from './reduce.ts';
import { tailLines } from './tail.ts';

/** How an engine process is started. */
export interface EngineSetup {
  /** Absolute path of `pulumi`. */
  readonly pulumi: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Folder with the Pulumi.yaml of the project. */
  readonly folder: string;
}

export interface EnginePorts {
  readonly screen: Screen;
  readonly interrupts: Interrupts;
}

export interface EngineOutcome {
  readonly state: RunState;
  readonly exitCode: number;
  readonly interrupted: boolean;
  /** What the program threw. */
  readonly programFailure: unknown;
  /** What the engine process printed. */
  readonly output: string;
  readonly log: RawLog;
}

export type EngineVerb = 'up' | 'destroy';

export interface EngineRun {
  readonly verb: EngineVerb;
  readonly stack: StackName;
  readonly args?: readonly string[];
  /** Absent for what runs no program (`destroy`), or when the project's own program is to run. */
  readonly program?: PulumiFn;
  /** Called with the engine's process id as soon as it runs. */
  readonly onStart?: (pid: number) => Promise<void>;
}

/** Runs one engine operation to its end and shows its progress; throws only when it cannot be started. */
export async function runEngine(
  run: EngineRun,
  setup: EngineSetup,
  ports: EnginePorts,
): Promise<EngineOutcome> {
  const { verb, stack, program, args = [] } = run;
  const log = await openRawLog(verb, stack);
  // Loaded only here: gRPC and Pulumi's runtime take 0.15 s that a `destroy` need not pay.
  const served = program ? await (await import('./inline-program.ts')).serveProgram(program) : undefined;
  const client = served ? [`--client=${served.address}`, '--exec-kind=auto.inline'] : [];
  let state = initialState;
  const tail = tailLines(log.events, (line) => {
    const event = parseEvent(line);
    if (!event) return;
    state = reduce(state, event, performance.now());
    const note = noteIn(event);
    if (note !== undefined) ports.screen.note(note);
    ports.screen.steps(verb, rowsOf(state));
  });
  const endWatch = watchDisk((text) => ports.screen.note(text));
  try {
    const child = startEngine(
      [verb, '--stack', stack.stack, ...common, `--event-log=${log.events}`, ...client, ...args],
      setup,
      log,
    );
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 255));
    });
    if (child.pid !== undefined) await run.onStart?.(child.pid);
    const { exitCode, interrupted } = await untilEnd(child, ended, ports);
    await tail.stop();
    const output = (await readIfPresent(log.output)) ?? '';
    return { state, exitCode, interrupted, programFailure: served?.failure(), output, log };
  } finally {
    endWatch();
    await tail.stop();
    served?.close();
  }
}

const common = [
  '--yes',
  '--skip-preview',
  '--non-interactive',
  '--color=never',
  '--suppress-progress',
  '--suppress-outputs',
  '--parallel=64',
];

/**
 * The engine gets its own process group: Ctrl+C in a terminal reaches every process of the foreground group, and a
 * second SIGINT makes the engine exit without cleaning up (pulumi/pulumi#6334). Its output goes to a file, not to a
 * pipe: when this process is killed, a write into a broken pipe would kill the engine in the middle of a step.
 */
function startEngine(args: readonly string[], setup: EngineSetup, log: RawLog): ChildProcess {
  const output = openSync(log.output, 'w', 0o600);
  try {
    return start(setup.pulumi, args, {
      cwd: setup.folder,
      env: setup.environment,
      detached: true,
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
}

async function untilEnd(
  child: ChildProcess,
  ended: Promise<number>,
  { interrupts, screen }: EnginePorts,
): Promise<{ exitCode: number; interrupted: boolean }> {
  let asked = 0;
  const forget = interrupts.handle(() => {
    asked += 1;
    if (asked === 1) {
      screen.note('finishing the current step; Ctrl+C again exits at once');
      child.kill('SIGINT');
    } else {
      screen.note(
        'stopped in the middle: what was created stays; `wt up` continues from there, `wt down` removes it',
      );
      killGroup(child);
    }
  });
  try {
    return { exitCode: await ended, interrupted: asked > 0 };
  } finally {
    forget();
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

function parseEvent(line: string): EngineEvent | undefined {
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined;
  }
}
