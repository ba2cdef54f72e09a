import { version } from '../app/version.ts';
import { currentFolder } from '../core/current-folder.ts';
import { ExitCode, hasCode } from '../core/errors.ts';
import { Interrupts } from '../core/interrupts.ts';
import { paths } from '../core/paths.ts';
import { Phases } from '../core/phases.ts';
import { give, invokingUser } from '../core/user.ts';
import { bareRequest, type Request } from './bare.ts';
import type { Result, VerbPorts } from './define.ts';
import { errorDocument, exitCodeOf, isUnexpected, renderError } from './ui/errors.ts';
import { screenFor } from './ui/terminal.ts';
import { timingsText } from './ui/timings.ts';

/** Parses the command line, runs the verb, prints its result and ends the process; nothing else does. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  // A reader that stops early (`wt logs | head`) is no error.
  process.stdout.on('error', (error) => process.exit(hasCode(error, 'EPIPE') ? 0 : 1));
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const wantsJson = own.includes('--json');
  let request: Request;
  let cwd = '';
  try {
    request = bareRequest(argv) ?? (await import('./program.ts')).parse(argv, version());
    if (request.kind === 'verb') cwd = currentFolder(process.env);
  } catch (error) {
    await reportError(error, { json: wantsJson, verbose: false });
    return end(exitCodeOf(error));
  }
  if (request.kind === 'text') {
    await print(process.stdout, `${request.text}\n`);
    return end(ExitCode.ok);
  }
  await end(await forInvokingUser(() => runVerb(request, cwd)));
}

/** `sudo wt …` works on the caller's state, and leaves nothing in it that the caller could not change. */
async function forInvokingUser<T>(work: () => Promise<T>): Promise<T> {
  const owner = invokingUser();
  if (!owner) return work();
  process.env.HOME = owner.home;
  try {
    return await work();
  } finally {
    await give(paths().data, owner).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
  }
}

async function runVerb(request: Request & { kind: 'verb' }, cwd: string): Promise<number> {
  const { json, verbose, timings, quiet } = request.global;
  const color = wantsColor();
  const interrupts = new Interrupts();
  const silent = quiet || (json && !verbose);
  const screen = screenFor(process.stderr, { silent, color, term: process.env.TERM });
  const folderFile = takeFolderFile();
  const ports: VerbPorts = {
    cwd,
    env: process.env,
    out: (text) => void process.stdout.write(text),
    streams: process,
    leadsShell: folderFile !== undefined,
    terminal: { input: process.stdin.isTTY === true, output: process.stdout.isTTY === true, color },
    json,
    verbose,
    timings,
    screen,
    phases: new Phases(process.env.COPPICE_EARLIER_PHASES),
    interrupts,
    ask: async (question) => (await import('./ui/ask.ts')).ask(question, screen),
  };
  const leave = () => {
    if (interrupts.interrupt()) return;
    screen.close();
    process.exit(ExitCode.problem);
  };
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  try {
    const result = await request.verb.run(request.args, request.options, ports);
    screen.close();
    await printResult(result, ports);
    if (result.folder !== undefined && folderFile !== undefined) await leadShell(result.folder, folderFile);
    return result.exitCode ?? ExitCode.ok;
  } catch (error) {
    screen.close();
    await reportError(error, { json, verbose });
    return exitCodeOf(error);
  }
}

/**
 * The file whose folder the shell function `wt` changes to once this `wt` has ended. What this one starts (hooks, agents,
 * other calls of `wt`) does not inherit it: it would lead the shell elsewhere.
 */
function takeFolderFile(): string | undefined {
  const file = process.env.COPPICE_FOLDER_FILE;
  delete process.env.COPPICE_FOLDER_FILE;
  return file === '' ? undefined : file;
}

async function leadShell(folder: string, file: string): Promise<void> {
  await (await import('node:fs/promises')).writeFile(file, folder);
}

async function printResult(result: Result, ports: VerbPorts): Promise<void> {
  if (ports.json) {
    // `wt logs` has no result beyond what it printed while it ran.
    if (result.json !== undefined) await print(process.stdout, `${JSON.stringify(result.json, null, 2)}\n`);
    return;
  }
  if (result.text !== '') await print(process.stdout, `${result.text}\n`);
  if (ports.timings) await print(process.stderr, `${timingsText(ports.phases)}\n`);
}

async function reportError(error: unknown, options: { json: boolean; verbose: boolean }): Promise<void> {
  const log = isUnexpected(error)
    ? await (await import('./ui/crash-log.ts')).writeCrashLog(error)
    : undefined;
  if (options.json) await print(process.stdout, `${JSON.stringify(errorDocument(error), null, 2)}\n`);
  else await print(process.stderr, `${renderError(error, { verbose: options.verbose, log })}\n`);
}

/** https://no-color.org and https://force-color.org */
function wantsColor(): boolean {
  if (process.env.NO_COLOR) return false;
  return process.env.FORCE_COLOR ? process.env.FORCE_COLOR !== '0' : process.stdout.isTTY === true;
}

function print(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}

/** A library's open sockets must not keep the process alive. */
async function end(code: number): Promise<void> {
  process.exit(code);
}
