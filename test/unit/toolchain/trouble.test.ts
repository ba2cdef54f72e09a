import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { give, invokingUser, makeFolder, runAs } from '../../../core/user.ts';
import { usefulLines } from '../../../toolchain/fallback/failure.ts';
import { platformOf } from '../../../toolchain/machine.ts';
import type { Program } from '../../../toolchain/manifest-entry.ts';
import { ensure } from '../../../toolchain/toolchain.ts';
import { programWith, recorder, script, standInGo, type TestMachine, testMachine } from './machine.ts';

let machine: TestMachine | undefined;
afterEach(() => machine?.remove());

const goTool = programWith({ fallback: { kind: 'go', module: 'tool', package: 'example.com/tool' } });
const pipTool = programWith({ fallback: { kind: 'pip', package: 'tool-bin', file: 'bin/tool' } });
const debianTool = programWith({ fallback: { kind: 'debian', package: 'deb-tool', file: '/usr/bin/tool' } });

/** Only what the test puts there is on PATH. */
async function bareMachine(programs: Record<string, Program>, overrides: Partial<TestMachine> = {}) {
  const made = await testMachine(programs, overrides);
  machine = { ...made, env: { ...made.env, PATH: made.bin } };
  await mkdir(join(machine.modules, 'tool'), { recursive: true });
  await writeFile(join(machine.modules, 'tool', 'go.mod'), 'module coppice.dev/tool\n\ngo 1.25.3\n');
  return machine;
}
const problemsOf = async (given: TestMachine) => {
  const error = await ensure(Object.keys(given.manifest.programs), { machine: given }).catch(
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: 'COPPICE_TOOLCHAIN' });
  return (error as Error).message;
};

describe('before anything starts', () => {
  test('every missing compiler and package is reported at once, each with its programs', async () => {
    const given = await bareMachine({ goTool, pipTool, debianTool });
    expect(await problemsOf(given)).toBe(
      [
        'programs are missing and cannot be installed yet:',
        '  - Go 1.25.3 or newer is needed for goTool, and there is no `go` on PATH',
        '  - Python 3 with pip is needed for pipTool, and there is no `python3` on PATH',
        '  - debianTool: install them with the package manager of this machine (Debian calls the packages deb-tool)',
      ].join('\n'),
    );
  });

  test('a Go that is too old and may not fetch a newer one is reported', async () => {
    const given = await bareMachine({ goTool });
    await script(join(given.bin, 'go'), `printf 'go1.24.1\\nlocal\\n/tmp\\n/tmp\\n'`);
    expect(await problemsOf(given)).toContain('the one on PATH is 1.24.1 (with GOTOOLCHAIN=local)');
  });

  test('a Python without pip is reported', async () => {
    const given = await bareMachine({ pipTool });
    await script(join(given.bin, 'python3'), 'echo No module named pip >&2; exit 1');
    expect(await problemsOf(given)).toContain('the `python3` on PATH has no pip');
  });

  test('on Debian an ordinary user gets the command that installs the packages', async () => {
    const given = await bareMachine({ debianTool });
    await script(join(given.bin, 'apt-get'), 'exit 0');
    expect(await problemsOf(given)).toContain(
      'only root can install packages; run `sudo apt-get update && sudo apt-get install --yes deb-tool`',
    );
  });

  test('too little disk space is reported, with how much is needed, where, and for what', async () => {
    const given = await bareMachine({ goTool }, { freeMiB: async () => 51 });
    await script(join(given.bin, 'go'), `printf 'go1.26.0\\nlocal\\n/nowhere/at/all\\n/nowhere/else\\n'`);
    expect(await problemsOf(given)).toContain(
      '0.1 GiB of disk space are needed at / for goTool, and 0.0 GiB are free',
    );
  });

  test('a platform that none of our programs run on is refused', () => {
    expect(platformOf('darwin', 'arm64')).toBe('darwin-arm64');
    expect(() => platformOf('win32', 'x64')).toThrow('coppice does not run on win32 x64');
  });
});

describe('Debian packages (with a stand-in for apt-get)', () => {
  test('package lists are updated if the first attempt fails', async () => {
    const given = await bareMachine({ debianTool }, { isRoot: true });
    await script(
      join(given.bin, 'apt-get'),
      `echo "$3" >> "$ROOT/apt"; [ "$3" = update ] && /bin/touch "$ROOT/lists"; [ -e "$ROOT/lists" ] || exit 100
[ "$3" = install ] && printf '#!/bin/sh\\necho 1.4.0\\n' > "$ROOT/bin/debianTool" && /bin/chmod 755 "$ROOT/bin/debianTool"`,
    );
    const resolved = await ensure(['debianTool'], { machine: given });
    expect(resolved.debianTool).toMatchObject({ version: '1.4.0', source: 'path' });
    expect(await readFile(join(given.root, 'apt'), 'utf8')).toBe('install\nupdate\ninstall\n');
  });

  test('a package whose version does not fit is an error and not an endless loop', async () => {
    const given = await bareMachine({ debianTool }, { isRoot: true });
    await script(join(given.bin, 'apt-get'), 'exit 0');
    await script(join(given.bin, 'debianTool'), 'echo 0.4.0');
    expect(await problemsOf(given)).toContain('debianTool: was installed, but still no version fits');
  });
});

const go = (() => {
  try {
    return dirname(execFileSync('sh', ['-c', 'command -v go'], { encoding: 'utf8' }).trim());
  } catch {
    return undefined;
  }
})();

test.skipIf(!go)(
  'a failing go build names the program, the compiler’s reason and the log file',
  async () => {
    const module = { ...goTool, fallback: { kind: 'go', module: 'tool', package: '.' } } as const;
    const made = await testMachine({ tool: module });
    machine = made;
    // The user's own cache, else Go would compile its standard library each time.
    const cache = execFileSync('go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim();
    const home = { HOME: made.root, GOCACHE: cache, GOTOOLCHAIN: 'local', GOPROXY: 'off' };
    const given = { ...made, env: { ...made.env, ...home, PATH: `${go}:${made.env.PATH}` } };
    await mkdir(join(made.modules, 'tool'), { recursive: true });
    await writeFile(join(made.modules, 'tool', 'go.mod'), 'module coppice.dev/tool\n\ngo 1.21\n');
    await writeFile(
      join(made.modules, 'tool', 'main.go'),
      'package main\n\nfunc main() { undefinedFunction() }\n',
    );
    const progress = recorder();
    const error = await ensure(['tool'], { machine: given, progress }).catch((thrown) => thrown);
    const log = join(made.logs, 'go-tool.log');
    expect(error).toMatchObject({ code: 'COPPICE_BUILD', hint: `the whole log is in ${log}` });
    expect(error.message).toContain('tool: go build of toolchain/modules/tool failed');
    expect(error.message).toContain('main.go:3:15: undefined: undefinedFunction');
    expect(await readFile(log, 'utf8')).toContain('undefinedFunction');
    expect(progress.lines.at(-1)).toMatch(/^fail building tool/);
    // Go compiles its own library first if its cache is empty.
  },
  120_000,
);

test('a failed build’s reason has no lines of progress in it', () => {
  const log = [
    '$ go build',
    'go: downloading x v1',
    'k8s.io/api/core/v1',
    'fmt',
    '# x/y',
    'y.go:1:2: bad',
    '',
  ].join('\n');
  expect(usefulLines(log)).toEqual(['# x/y', 'y.go:1:2: bad']);
});

describe('under sudo', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\n';
  const asRoot = test.skipIf(process.geteuid?.() !== 0);
  const ann = { uid: 65_534, gid: 65_534, name: 'ann', home: '/home/ann' };

  asRoot('the user behind sudo is the owner', async () => {
    machine = await testMachine({});
    const file = join(machine.root, 'passwd');
    await writeFile(file, passwd);
    const env = { SUDO_UID: '1000', SUDO_GID: '1000', SUDO_USER: 'ann' };
    expect(invokingUser(env, file)).toEqual({ uid: 1000, gid: 1000, name: 'ann', home: '/home/ann' });
    expect(invokingUser({}, file)).toBeUndefined();
    expect(invokingUser({ ...env, SUDO_UID: '0' }, file)).toBeUndefined();
    expect(invokingUser({ ...env, SUDO_UID: '4242' }, file)).toBeUndefined();
  });

  test('a child runs as the owner, in their home, and does not notice sudo', () => {
    expect(runAs(ann, { SUDO_UID: '1', HOME: '/root', PATH: '/bin' })).toEqual({
      uid: ann.uid,
      gid: ann.gid,
      env: { HOME: '/home/ann', USER: 'ann', LOGNAME: 'ann', PATH: '/bin' },
    });
  });

  asRoot('folders that had to be made belong to the owner, those that were there do not change', async () => {
    machine = await testMachine({});
    await makeFolder(join(machine.root, 'a', 'b'), ann);
    expect((await stat(join(machine.root, 'a'))).uid).toBe(ann.uid);
    expect((await stat(join(machine.root, 'a', 'b'))).uid).toBe(ann.uid);
    expect((await stat(machine.root)).uid).toBe(0);
  });

  asRoot(
    'a build runs as the owner and everything it leaves is theirs (with a stand-in for go)',
    async () => {
      machine = await testMachine({ tool: goTool }, { owner: ann });
      await standInGo(machine);
      // The test's own folder is closed to others, unlike a user's home to its owner.
      await give(machine.root, ann);
      await chmod(machine.root, 0o755);
      const { tool } = await ensure(['tool'], { machine });
      const made = [tool?.path ?? '', join(machine.root, 'builds'), join(machine.logs, 'go-tool.log')];
      for (const file of [...made, join(machine.folder, 'tool'), machine.logs]) {
        expect((await stat(file)).uid, file).toBe(ann.uid);
      }
    },
  );
});
