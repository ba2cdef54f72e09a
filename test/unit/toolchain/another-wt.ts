// A second process for sharing.test.ts: ensures the program `tool` on the machine of its arguments and prints every
// report.
import { ensure } from '../../../toolchain/toolchain.ts';
import { goModule, programWith } from './machine.ts';

const [root = '', bin = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const tool = programWith({ fallback: { kind: 'go', module: 'tool', package: 'example.com/tool' } });

const resolved = await ensure(['tool'], {
  machine: {
    platform: 'linux-amd64',
    manifest: { programs: { tool }, goModules: { tool: goModule } },
    folder: `${root}/cache`,
    lockFile: `${root}/data/toolchain.lock.json`,
    logs: `${root}/logs`,
    searchPath: [bin],
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: root, ROOT: root },
    owner: undefined,
    isRoot: false,
    modules: `${root}/modules`,
    locate: (url) => url,
    freeMiB: async () => 1_000_000,
  },
  progress: {
    note: say,
    start: (task) => ({
      update: (detail) => say(detail),
      done: (detail) => say(`done ${detail ?? ''}`),
      fail: (reason) => say(`failed ${task}: ${reason}`),
    }),
  },
});
say(JSON.stringify(resolved.tool));
