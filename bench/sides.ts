import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../core/package-root.ts';
import { testFolder } from '../test/e2e/harness.ts';

const execute = promisify(execFile);

/** A cluster with its own surroundings: network, data, settings. Both have the same worktrees. */
export interface Side<Name extends string = 'k3d' | 'embedded'> {
  readonly name: Name;
  /** Named in the command line of each of its processes, or of a parent. */
  readonly folder: string;
  /** Runs node there and returns its output. */
  node(...args: readonly string[]): Promise<string>;
  wt(...args: readonly string[]): Promise<string>;
  /** `wt` in a folder, with its time. Throws if it does not exit with 0. */
  measure(cwd: string, ...args: readonly string[]): Promise<Measured>;
}

export interface Measured {
  readonly stdout: string;
  /** Wall time. */
  readonly milliseconds: number;
  /** User and system time of the process and of all processes that it waited for. */
  readonly cpuSeconds: number;
}

/** `wt` from this checkout and from another one that is built already, each with its own cluster. */
export function versions(): readonly [after: Side<'after'>, before: Side<'before'>] {
  const { COPPICE_BENCH_BEFORE: checkout, ...second } = process.env;
  const { COPPICE_BENCH_BEFORE_FOLDER: folder, COPPICE_BENCH_BEFORE_NETNS: netns } = second;
  if (!checkout || !folder || !netns)
    throw new Error('run by `COPPICE_BENCH_BEFORE=CHECKOUT npm run bench versions`, with a built checkout');
  return [
    side('after', testFolder(), [], {}),
    side('before', folder, ['nsenter', `--net=/run/netns/${netns}`], surroundings(folder), checkout),
  ];
}

/**
 * The surroundings of this process, which scripts/bench.mjs gave a Docker engine, and those in its environment
 * variables.
 */
export function sides(): readonly [k3d: Side, embedded: Side] {
  const { COPPICE_BENCH_EMBEDDED: folder, COPPICE_BENCH_EMBEDDED_NETNS: netns } = process.env;
  if (!folder || !netns) throw new Error('run by `npm run bench`, which gives this figure two clusters');
  return [
    side('k3d', testFolder(), [], {}),
    side('embedded', folder, ['nsenter', `--net=/run/netns/${netns}`], surroundings(folder)),
  ];
}

function surroundings(folder: string): Readonly<Record<string, string>> {
  return {
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    COPPICE_TEST_FOLDER: folder,
  };
}

/** Prints user and system seconds as the last line on standard error. */
const timed = ['bash', '-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash'];

function side<Name extends string>(
  name: Name,
  folder: string,
  enter: readonly string[],
  env: Readonly<Record<string, string>>,
  checkout: string = packageRoot(),
): Side<Name> {
  const options = { env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 64 * 1024 * 1024 };
  const start = ([command = '', ...args]: readonly string[], cwd?: string) =>
    execute(command, args, { ...options, ...(cwd === undefined ? {} : { cwd }) });
  const node = async (...args: readonly string[]) =>
    (await start([...enter, process.execPath, ...args])).stdout;
  const wt = join(checkout, 'bin', 'wt');
  return {
    name,
    folder,
    node,
    wt: (...args) => node(wt, ...args),
    measure: async (cwd, ...args) => {
      const began = performance.now();
      const { stdout, stderr } = await start([...enter, ...timed, process.execPath, wt, ...args], cwd);
      const milliseconds = performance.now() - began;
      const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split('\n').at(-1) ?? '')
        .split(' ')
        .map(Number);
      return { stdout, milliseconds, cpuSeconds: user + system };
    },
  };
}
