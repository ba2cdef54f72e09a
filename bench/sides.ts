import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../core/package-root.ts';
import { testFolder } from '../test/e2e/harness.ts';

const execute = promisify(execFile);

/** A cluster with surroundings of its own: network, data, settings. Both have the same worktrees. */
export interface Side {
  readonly name: 'k3d' | 'embedded';
  /** Named by the command line of each of its processes, or of one above it. */
  readonly folder: string;
  /** Runs node there, and gives what it printed. */
  node(...args: readonly string[]): Promise<string>;
  wt(...args: readonly string[]): Promise<string>;
}

/** Those of this process, which scripts/bench.mjs gave a Docker engine, and the ones that it names beside. */
export function sides(): readonly [k3d: Side, embedded: Side] {
  const { COPPICE_BENCH_EMBEDDED: folder, COPPICE_BENCH_EMBEDDED_NETNS: netns } = process.env;
  if (!folder || !netns) throw new Error('run by `npm run bench`, which gives this figure two clusters');
  const env = {
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    COPPICE_TEST_FOLDER: folder,
  };
  return [
    side('k3d', testFolder(), [], {}),
    side('embedded', folder, ['nsenter', `--net=/run/netns/${netns}`], env),
  ];
}

function side(
  name: Side['name'],
  folder: string,
  enter: readonly string[],
  env: Readonly<Record<string, string>>,
): Side {
  const node = async (...args: readonly string[]) => {
    const [command = '', ...words] = [...enter, process.execPath, ...args];
    const options = { env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 64 * 1024 * 1024 };
    return (await execute(command, words, options)).stdout;
  };
  return { name, folder, node, wt: (...args) => node(join(packageRoot(), 'bin', 'wt'), ...args) };
}
