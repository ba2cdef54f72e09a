import type { V1Pod } from '@kubernetes/client-node';
import type { Inside, PodProcess } from '../../cluster/kube/inside.ts';
import { plain } from './error-line.ts';

/** What watchers print when their program has ended and they wait for an edit, as the last line of the log. */
const gaveUpLines: readonly RegExp[] = [
  // node --watch, https://nodejs.org/api/cli.html#--watch
  /^(Failed|Completed) running '/,
  // nodemon: `app crashed - waiting for file changes before starting...`, `clean exit - waiting for changes before restart`
  /waiting for (file )?changes/i,
  // deno --watch
  /Watcher Process (failed|finished)/i,
  // cargo watch, watchexec
  /^\[(Finished running|Command exited|Command was successful)/i,
  // air
  /^(failed to build|Process Exit with Code)/i,
  // supervisor
  /^Program .* exited with code \d+/,
  // tsc-watch, nest start --watch: nothing runs after an error in the types
  /Found [1-9]\d* errors?\. Watching for file changes/i,
];

/** Node's last line when an exception ends it: below a watcher, it was its child that ended. */
const nodeEnded = /^Node\.js v\d+\.\d+\.\d+$/;

/** Programs that start another one and wait: the watchers, and the shells and package managers around them. */
const waitingPrograms: readonly RegExp[] = [
  /(^|\/)(ba|da|a|z)?sh(\s|$)/,
  /(^|[/\s])(npm|npx|pnpm|yarn|corepack)(\.c?js|-cli\.js)?(\s|$)/,
  // bun and deno run the program in their own process.
  /^(?!(.*\/)?(bun|deno)\s).*\s--watch(-path)?(\s|=|$)/,
  /(^|[/\s])(nodemon|ts-node-dev|tsnd|tsc-watch|tsx|supervisor|watchexec|entr|reflex|air|watchmedo|watchfiles|cargo-watch)(\.c?js|\.mjs)?(\s|$)/,
  /esbuild\S* --service/,
  // several commands at once, and compilers that go on
  /(^|[/\s])(concurrently|npm-run-all2?|run-[sp]|turbo|nx)(\.c?js)?(\s|$)/,
  /(^|[/\s])tsc(\.js)?\s.*(-w|--watch)\b/,
  // Python's reload in a process of its own, and what Python keeps beside it
  /(^|[/\s])(uvicorn|fastapi|hypercorn)\s/,
  /multiprocessing\.(resource|semaphore)_tracker/,
];
const watching =
  /--watch|\bwatch\b|\btsc(\.js)?\s+(.*\s)?-w\b|nodemon|ts-node-dev|tsnd|tsc-watch|watchexec|\bentr\b|reflex|(^|[/\s])air(\s|$)|watchmedo|watchfiles|cargo-watch|supervisor|\s--reload\b|fastapi dev/;

/** A watcher that runs the program in its own process, so that only the last words of the log tell how it is. */
interface OneProcess {
  readonly command: RegExp;
  /** The last line that says something. */
  readonly last: RegExp;
  /** A line that stands at most fifteen lines above it. */
  readonly above: RegExp;
  /** Milliseconds for a program that printed an error and goes on with its start. */
  readonly patience: number;
}

const oneProcess: readonly OneProcess[] = [
  {
    command: /\b(manage\.py|django-admin) runserver\b/,
    last: /^[\w.]+(Error|Exception|Exit)\b/,
    above: /^\s+File ".*", line \d+/,
    patience: 3_000,
  },
  {
    command: /(^|[/\s])bun\s.*--(watch|hot)\b/,
    last: /^(error: |\s+at )/,
    above: /^error: /,
    patience: 10_000,
  },
];

/** Milliseconds for which nothing but the watcher runs while it starts its program, also on a busy machine. */
const RESTART_MS = 8_000;

/**
 * Whether the program below a watcher has ended, so that only an edit or a restart brings it back. `command`: that of
 * the container, for the case that nobody could look inside.
 */
export function watcherGaveUp(log: readonly string[], inside: Inside | undefined, command: string): boolean {
  const lines = log.map(plain).filter((line) => line.trim() !== '');
  const last = lines.at(-1)?.trim();
  // Any program may print such a line: it is a watcher's where there is one, and nothing else runs.
  const said = last !== undefined && [...gaveUpLines, nodeEnded].some((line) => line.test(last));
  if (inside === undefined) return said && mayWatch(command);
  if (said && hasWatcher(inside, command) && inside.processes.every(isWaiting)) return true;
  return onlyWatches(inside) || endedInItsWatcher(lines, inside);
}

/** Whether a process is a watcher, or around one, rather than the program that it watches. */
function isWaiting({ command }: PodProcess): boolean {
  if (waitingPrograms.some((program) => program.test(command))) return true;
  return watching.test(command) && !/(^|\/)bun\s/.test(command);
}

function endedInItsWatcher(lines: readonly string[], { processes }: Inside): boolean {
  const near = lines.slice(-16);
  return oneProcess.some(
    ({ command, last, above, patience }) =>
      last.test(near.at(-1) ?? '') &&
      near.some((line) => above.test(line)) &&
      processes.some((process) => command.test(process.command)) &&
      processes.every(({ age }) => age > patience),
  );
}

function hasWatcher(inside: Inside | undefined, command: string): boolean {
  return mayWatch(command) || Boolean(inside?.processes.some((process) => watching.test(process.command)));
}

function onlyWatches({ processes }: Inside): boolean {
  if (!processes.some(({ command }) => watching.test(command))) return false;
  return processes.every(
    ({ command, age }) => age > RESTART_MS && waitingPrograms.some((program) => program.test(command)),
  );
}

/** What a pod's container was told to run, as one line. */
export function commandOf({ spec }: V1Pod): string {
  const { command = [], args = [] } = spec?.containers[0] ?? {};
  return [...command, ...args].join(' ');
}

/** Whether a command line starts a watcher, as far as that can be told. */
export function mayWatch(command: string): boolean {
  return watching.test(command) || /\b(npm|pnpm|yarn|bun) (run |exec )?\w*(dev|watch)/.test(command);
}
