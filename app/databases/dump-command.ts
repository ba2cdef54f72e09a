import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CoppiceError } from '../../core/errors.ts';
import { isThere } from '../../core/files.ts';
import { interruptible } from '../../core/interrupts.ts';
import { withLock } from '../../core/lock.ts';
import { start } from '../../core/run.ts';
import { repositoryKey } from '../../core/state/moved-repositories.ts';
import type { ProvideDump } from '../../stacks/worktree.ts';
import { digest, requireAllowed } from '../consent/allowed-commands.ts';
import type { Ports } from '../ports.ts';

export interface DumpOptions {
  /** Runs a dump command without asking. */
  readonly yes: boolean;
  /** Runs it even if a dump exists: for `wt db refresh-template`. */
  readonly refresh?: boolean;
}

/**
 * A provider of dumps, which runs the command if there is no dump yet, after asking. It throws
 * COPPICE_DUMP_NOT_ALLOWED, COPPICE_DUMP.
 */
export function provideDump({ yes, refresh = false }: DumpOptions, ports: Ports): ProvideDump {
  return async ({ worktree: { identity, folder }, command, file }) => {
    if (!refresh && (await isThere(file))) return;
    const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    const shown = typeof command === 'string' ? command : command.join(' ');
    await requireDumpAllowed(identity.repository, argv, shown, yes, ports);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const run = async () => {
      await removeUnfinished(file);
      if (refresh || !(await isThere(file))) await runDump(argv, shown, folder, file, ports);
    };
    await withLock(`${file}.lock`, run, () => ports.screen.note(`waiting for another: ${shown}`));
  };
}

function requireDumpAllowed(
  repository: string,
  argv: readonly string[],
  shown: string,
  yes: boolean,
  ports: Ports,
): Promise<void> {
  const refusal = {
    code: 'COPPICE_DUMP_NOT_ALLOWED',
    message: 'the dump command of coppice.yaml was not allowed',
    again: 'wt db refresh-template --yes',
  } as const;
  const request = { commands: [shown], text: digest(repositoryKey(repository), 'dump', ...argv), refusal };
  return requireAllowed(request, yes, ports);
}

/** Left by killed runs: rows from production, unmasked. The caller holds the lock, so no other run is writing one. */
async function removeUnfinished(file: string): Promise<void> {
  const folder = dirname(file);
  const unfinished = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(file)}.`) && /\.\d+$/.test(name),
  );
  await Promise.all(unfinished.map((name) => rm(join(folder, name), { force: true })));
}

/** Under a private name until it is complete: the final file is always the output of a command that succeeded. */
async function runDump(
  argv: readonly string[],
  shown: string,
  folder: string,
  file: string,
  ports: Ports,
): Promise<void> {
  const task = ports.screen.start(`dump: ${shown}`);
  const fresh = `${file}.${process.pid}`;
  try {
    await interruptible(ports.interrupts, (signal) =>
      printInto(fresh, argv, { shown, folder, env: ports.env, signal }),
    );
    await rename(fresh, file);
    task.done();
  } catch (error) {
    task.fail();
    throw error;
  } finally {
    await rm(fresh, { force: true });
  }
}

interface DumpCommand {
  /** For people. */
  readonly shown: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Writes the command's output to a file. Throws COPPICE_DUMP, COPPICE_INTERRUPTED. */
async function printInto(
  file: string,
  [program = '', ...args]: readonly string[],
  { shown, folder, env, signal }: DumpCommand,
): Promise<void> {
  const child = start(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env, signal });
  const output: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
  try {
    const [code] = await Promise.all([
      new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
      pipeline(child.stdout, createWriteStream(file, { mode: 0o600 })),
    ]);
    const { size } = await stat(file);
    if (code !== 0 || size === 0)
      throw failedError(shown, code === 0 ? 'printed nothing' : exitText(code), output);
    signal.throwIfAborted();
  } catch (error) {
    if (signal.aborted) throw interruptedError(shown);
    throw error instanceof CoppiceError ? error : failedError(shown, String(error), output);
  } finally {
    // Processes that a shell started outlive it, and end with their next write into a pipe without a reader.
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function interruptedError(shown: string): CoppiceError {
  return new CoppiceError('COPPICE_INTERRUPTED', `the dump command \`${shown}\` was stopped`, {
    hint: 'its output was deleted; an earlier dump is kept',
  });
}

function exitText(code: number | null): string {
  return `ended with exit code ${code}`;
}

function failedError(shown: string, how: string, output: readonly string[]): CoppiceError {
  const last = output.join('').trimEnd().split('\n').slice(-20);
  const log = last.filter((line) => line !== '').map((line) => `  | ${line}`);
  return new CoppiceError('COPPICE_DUMP', [`the dump command \`${shown}\` ${how}`, ...log].join('\n'), {
    hint: 'run it by hand in the folder of coppice.yaml; an earlier dump is kept',
  });
}
