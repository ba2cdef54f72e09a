import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Progress } from '../../../core/progress.ts';
import type { Machine } from '../../../toolchain/machine.ts';
import type { GoModule, Program } from '../../../toolchain/manifest-entry.ts';

/** A machine in a temporary folder: from the real one only `/bin/sh` and its tools are on its PATH. */
export interface TestMachine extends Machine {
  readonly root: string;
  /** The only folder on its PATH to which programs can be added. */
  readonly bin: string;
  readonly remove: () => Promise<void>;
}

export async function testMachine(
  programs: Record<string, Program>,
  overrides: Partial<Machine> = {},
): Promise<TestMachine> {
  const root = await mkdtemp(join(tmpdir(), 'coppice-toolchain-'));
  const bin = join(root, 'bin');
  await mkdir(bin);
  return {
    root,
    bin,
    remove: () => rm(root, { recursive: true, force: true }),
    platform: 'linux-amd64',
    manifest: { programs, goModules: { tool: goModule } },
    folder: join(root, 'cache'),
    lockFile: join(root, 'data', 'toolchain.lock.json'),
    logs: join(root, 'logs'),
    searchPath: [bin],
    env: { PATH: [bin, '/usr/bin', '/bin'].join(delimiter), HOME: root, ROOT: root },
    owner: undefined,
    isRoot: false,
    modules: join(root, 'modules'),
    locate: (url) => url,
    freeMiB: async () => 1_000_000,
    ...overrides,
  };
}

export const goModule: GoModule = { ldflags: '', tags: '', cgo: false, minutes: 1, buildMiB: 100 };

export function programWith(parts: Partial<Program>): Program {
  return {
    purpose: 'to be tested',
    version: '1.2.3',
    kind: 'file',
    systems: ['linux'],
    onPath: { fits: '>=1.0.0', ask: ['--version'] },
    release: { none: 'never made' },
    fallback: { none: 'not in one' },
    downloadMiB: 1,
    ...parts,
  };
}

export async function script(file: string, text: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

/**
 * A stand-in for `go` that adds a line to `builds` and creates what it is asked for. It waits for the file `go-on` if
 * `wait` is set.
 */
export async function standInGo(machine: TestMachine, wait = false): Promise<void> {
  await mkdir(join(machine.modules, 'tool'), { recursive: true });
  await writeFile(join(machine.modules, 'tool', 'go.mod'), 'module coppice.dev/tool\n\ngo 1.22.0\n');
  const waiting = wait ? `while [ ! -e "$ROOT/go-on" ]; do sleep 0.05; done` : '';
  await script(
    join(machine.bin, 'go'),
    `if [ "$1" = env ]; then printf 'go1.26.0\\nlocal\\n%s\\n%s\\n' "$ROOT" "$ROOT"; exit; fi
echo "$@" >> "$ROOT/builds"
${waiting}
while [ $# -gt 0 ]; do
  case "$1" in -o) shift; out="$1" ;; example.com/*) printf '#!/bin/sh\\necho 1.2.3\\n' > "$out$(basename "$1")" ;; esac
  shift
done`,
  );
}

export interface Recorded extends Progress {
  readonly lines: string[];
}

/** Keeps everything that is reported, one line each. */
export function recorder(): Recorded {
  const lines: string[] = [];
  return {
    lines,
    note: (text) => void lines.push(`note ${text}`),
    start: (task) => {
      lines.push(`start ${task}`);
      return {
        update: (detail) => void lines.push(`${task}: ${detail}`),
        done: (detail) => void lines.push(`done ${task}${detail ? `: ${detail}` : ''}`),
        fail: (reason) => void lines.push(`fail ${task}: ${reason}`),
      };
    },
  };
}
