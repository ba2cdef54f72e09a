import type { V1Pod } from '@kubernetes/client-node';
import type { Inside } from '../../cluster/kube/inside.ts';
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
  // Python's reload in a process of its own, and what Python keeps beside it
  /(^|[/\s])(uvicorn|fastapi|hypercorn)\s/,
  /multiprocessing\.(resource|semaphore)_tracker/,
];
const watching =
  /--watch|\bwatch\b|nodemon|ts-node-dev|tsnd|tsc-watch|watchexec|\bentr\b|reflex|(^|[/\s])air(\s|$)|watchmedo|watchfiles|cargo-watch|supervisor|\s--reload\b|fastapi dev/;

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

/** Milliseconds for which nothing but the watcher runs while it restarts its program. */
const RESTART_MS = 3_000;

/**
 * Whether the program below a watcher has ended, so that only an edit or a restart brings it back. `command`: that of
 * the container, for the case that nobody could look inside.
 */
export function watcherGaveUp(log: readonly string[], inside: Inside | undefined, command: string): boolean {
  const lines = log.map(plain).filter((line) => line.trim() !== '');
  const last = lines.at(-1)?.trim();
  if (last !== undefined && gaveUpLines.some((line) => line.test(last))) return true;
  // Without a watcher the container has just ended, and the API server does not know it yet.
  if (last !== undefined && nodeEnded.test(last) && hasWatcher(inside, command)) return true;
  return inside !== undefined && (onlyWatches(inside) || endedInItsWatcher(lines, inside));
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
