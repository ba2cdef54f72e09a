import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type DatabaseFilesOptions,
  readDatabaseFiles,
  type WatchedFiles,
  watchedFiles,
} from '../../config/files/database.ts';
import { watchedInstallFiles } from '../../config/files/install.ts';
import type { DatabaseFiles } from '../../config/plan/plan.ts';
import type { LoadedSpec } from '../../config/spec/load.ts';
import { CoppiceError } from '../../core/errors.ts';
import { withLock } from '../../core/lock.ts';
import type { Platforms } from '../../core/node-platform.ts';
import { digests } from '../../core/state/digests.ts';
import { dumpFile } from '../../core/state/dumps.ts';
import type { Ports } from '../ports.ts';
import { digest, requireAllowed } from './allowed-commands.ts';

export interface DumpOptions {
  /** Runs a dump command without asking. */
  readonly yes: boolean;
  /** Runs it although there is a dump: for `wt db refresh-template`. */
  readonly refresh?: boolean;
}

type Spec = Pick<LoadedSpec, 'spec'>;

/** Which files the quick answer has to look at. */
export function filesToWatch({ spec }: Spec, repository: string, platforms: Platforms): WatchedFiles {
  const database = watchedFiles(spec.database, optionsFor({ spec }, repository));
  const install = watchedInstallFiles({ spec }, platforms);
  return {
    patterns: [...new Set([...database.patterns, ...install.patterns])],
    files: [...new Set([...database.files, ...install.files])],
  };
}

/**
 * Content of the files of a spec's database; a dump that a command makes is made first where there is none, after
 * asking. Undefined without a database. Throws SpecError, COPPICE_DUMP_NOT_ALLOWED, COPPICE_DUMP.
 */
export async function databaseFilesOf(
  loaded: LoadedSpec,
  repository: string,
  options: DumpOptions,
  ports: Ports,
): Promise<DatabaseFiles | undefined> {
  const dump = loaded.spec.database?.from?.dump;
  if (typeof dump === 'object') await ensureDump(dump.command, loaded, repository, options, ports);
  return readDatabaseFiles(loaded, optionsFor(loaded, repository));
}

function optionsFor({ spec }: Spec, repository: string): DatabaseFilesOptions {
  return { digests, dumpOf: (command) => dumpFile(spec.name, repository, command) };
}

async function ensureDump(
  command: string | readonly string[],
  { spec, folder }: LoadedSpec,
  repository: string,
  { yes, refresh = false }: DumpOptions,
  ports: Ports,
): Promise<void> {
  const file = dumpFile(spec.name, repository, command);
  if (!refresh && (await isThere(file))) return;
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  const shown = typeof command === 'string' ? command : command.join(' ');
  const refusal = {
    code: 'COPPICE_DUMP_NOT_ALLOWED',
    message: 'the dump command of coppice.yaml was not allowed',
    again: 'wt db refresh-template --yes',
  } as const;
  const asked = { commands: [shown], text: digest(repository, 'dump', ...argv), refusal };
  await requireAllowed(asked, yes, ports);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const make = async () => {
    await removeUnfinished(file);
    if (refresh || !(await isThere(file))) await runDump(argv, shown, folder, file, ports);
  };
  await withLock(`${file}.lock`, make, () => ports.screen.note(`waiting for another: ${shown}`));
}

/** Of those who were killed: rows of production, unmasked. The caller holds the lock, so nobody writes one now. */
async function removeUnfinished(file: string): Promise<void> {
  const folder = dirname(file);
  const unfinished = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(file)}.`) && /\.\d+$/.test(name),
  );
  await Promise.all(unfinished.map((name) => rm(join(folder, name), { force: true })));
}

/** Under a private name until it is whole: what is there is always the output of a command that succeeded. */
async function runDump(
  [program = '', ...args]: readonly string[],
  shown: string,
  folder: string,
  file: string,
  ports: Ports,
): Promise<void> {
  const task = ports.screen.start(`dump: ${shown}`);
  const fresh = `${file}.${process.pid}`;
  const controller = new AbortController();
  const stop = ports.interrupts.handle(() => controller.abort());
  const { signal } = controller;
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: ports.env,
    signal,
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  try {
    const [code] = await Promise.all([
      new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
      pipeline(child.stdout, createWriteStream(fresh, { mode: 0o600 })),
    ]);
    const { size } = await stat(fresh);
    if (code !== 0 || size === 0) throw failed(shown, code === 0 ? 'printed nothing' : ended(code), said);
    signal.throwIfAborted();
    await rename(fresh, file);
    task.done();
  } catch (error) {
    task.fail('failed');
    if (signal.aborted) throw interrupted(shown);
    throw error instanceof CoppiceError ? error : failed(shown, String(error), said);
  } finally {
    stop();
    // What a shell began outlives it, and ends with its next write into a pipe that nobody reads.
    child.stdout.destroy();
    child.stderr.destroy();
    await rm(fresh, { force: true });
  }
}

function interrupted(shown: string): CoppiceError {
  return new CoppiceError('COPPICE_INTERRUPTED', `the dump command \`${shown}\` was stopped`, {
    hint: 'nothing of it is left; a dump of before is kept',
  });
}

function ended(code: number | null): string {
  return `ended with exit code ${code}`;
}

function failed(shown: string, how: string, said: readonly string[]): CoppiceError {
  const last = said.join('').trimEnd().split('\n').slice(-20);
  const log = last.filter((line) => line !== '').map((line) => `  | ${line}`);
  return new CoppiceError('COPPICE_DUMP', [`the dump command \`${shown}\` ${how}`, ...log].join('\n'), {
    hint: 'run it by hand in the folder of coppice.yaml; a dump of before is kept',
  });
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
