import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runSetup, type Setup } from '../../../../app/environments/setup.ts';
import { setupProblem } from '../../../../app/environments/setup-record.ts';
import { Interrupts } from '../../../../core/interrupts.ts';
import { until } from '../../../../core/until.ts';
import { testPorts } from '../ports.ts';

let home: string;
let worktree: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'coppice-setup-'));
  vi.stubEnv('XDG_DATA_HOME', join(home, 'data'));
  worktree = newWorktree('shop');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

function newWorktree(name: string): string {
  const folder = join(home, name);
  mkdirSync(join(folder, '.git'), { recursive: true });
  return folder;
}
const write = (file: string, text: string, folder = worktree) => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};

/** Appends a line wherever it runs, and makes what a package manager makes. */
const install = 'mkdir -p node_modules && echo ran >> node_modules/runs && echo ran >> ../runs.log';
const runs = () =>
  existsSync(join(home, 'runs.log'))
    ? readFileSync(join(home, 'runs.log'), 'utf8').split('\n').length - 1
    : 0;

function setupOf(over: Partial<Setup> = {}): Setup {
  const identity = { repository: join(home, 'shop', '.git'), worktree, uid: 0, gid: 0 };
  return { app: 'shop', slug: 'main', identity, folder: worktree, commands: [install], ...over };
}
const up = (
  over: Partial<Setup> = {},
  options: { yes?: boolean; again?: boolean } = {},
  ports = testPorts(),
) => runSetup(setupOf(over), { yes: true, again: false, ...options }, ports);

describe('a package manager that this machine lacks', () => {
  const ports = (programs: readonly string[]) => {
    for (const name of ['sh', ...programs]) {
      write(name, '#!/bin/sh\nmkdir -p node_modules; echo ran >> ../runs.log', join(home, 'bin'));
      chmodSync(join(home, 'bin', name), 0o755);
    }
    return { ...testPorts(), env: { PATH: join(home, 'bin') } };
  };

  test('is named with what to type, before a service is stopped', async () => {
    write('package.json', '{"packageManager":"pnpm@9.15.9"}');
    let stopped = false;
    const setup = runSetup(
      setupOf({ commands: ['pnpm install --frozen-lockfile'] }),
      { yes: true, again: false },
      ports([]),
      async (work) => {
        stopped = true;
        await work();
      },
    );
    await expect(setup).rejects.toMatchObject({
      code: 'COPPICE_SETUP_FAILED',
      message: '`pnpm install --frozen-lockfile` of setup: needs pnpm, which is not on this machine',
      hint: '`npm install --global pnpm@9.15.9`, or write `npx --yes pnpm@9.15.9 install --frozen-lockfile` in coppice.yaml',
    });
    expect(stopped).toBe(false);
  });

  test('is offered by Corepack where that is there', async () => {
    const setup = up({ commands: ['yarn install --immutable'] }, {}, ports(['corepack']));
    await expect(setup).rejects.toMatchObject({ hint: expect.stringMatching(/^`corepack enable yarn`, or/) });
  });

  test('may come from an earlier command, which decides for itself', async () => {
    await up({ commands: [install, 'pnpm install || true'] });
    expect(runs()).toBe(1);
  });

  test('is said of any other program that a command did not find', async () => {
    const setup = up({ commands: ['nosuchprogram --version'] });
    await expect(setup).rejects.toMatchObject({
      message: expect.stringMatching(
        /^`nosuchprogram --version` of setup: needs nosuchprogram, which is not on this machine\n/,
      ),
      hint: expect.stringMatching(/^install nosuchprogram, or run it in /),
    });
  });
});

describe('setup runs again', () => {
  test('not for the same worktree, lock file and commands', async () => {
    write('package-lock.json', '{}');
    await up();
    await up();
    expect(runs()).toBe(1);
  });

  test('not for another environment of the same worktree', async () => {
    await up();
    await up({ slug: 'demo' });
    expect(runs()).toBe(1);
  });

  test('when the lock file changes', async () => {
    write('package-lock.json', '{}');
    await up();
    write('package-lock.json', '{ "lockfileVersion": 3 }');
    await up();
    expect(runs()).toBe(2);
  });

  test('when the lock file at the top of the worktree changes, for an app below it', async () => {
    write('yarn.lock', '# one');
    write('apps/web/package.json', '{}');
    const folder = join(worktree, 'apps', 'web');
    const commands = ['mkdir -p node_modules && echo ran >> ../../../runs.log'];
    await up({ folder, commands });
    write('yarn.lock', '# two');
    await up({ folder, commands });
    expect(runs()).toBe(2);
  });

  test('when a script that it names changes', async () => {
    write('setup.sh', 'echo ran >> ../runs.log');
    const commands = ['sh setup.sh'];
    await up({ commands });
    await up({ commands });
    write('setup.sh', 'echo ran >> ../runs.log; true');
    await up({ commands });
    expect(runs()).toBe(2);
  });

  test('when what it made is gone, and the quick answer knows it', async () => {
    await up();
    expect(await setupProblem(setupOf())).toBeUndefined();
    rmSync(join(worktree, 'node_modules'), { recursive: true });
    expect(await setupProblem(setupOf())).toContain('node_modules is gone');
    await up();
    expect(runs()).toBe(2);
  });

  test('in a folder that was recreated at the same path', async () => {
    await up();
    rmSync(worktree, { recursive: true });
    newWorktree('shop');
    await up();
    expect(runs()).toBe(2);
  });

  test('in a copy of the folder at the path of the old one', async () => {
    write('made/.keep', '');
    await up();
    renameSync(worktree, join(home, 'old'));
    newWorktree('shop');
    mkdirSync(join(worktree, 'node_modules'));
    mkdirSync(join(worktree, '.git', 'coppice'));
    writeFileSync(
      join(worktree, '.git', 'coppice', 'setup.json'),
      readFileSync(join(home, 'old', '.git', 'coppice', 'setup.json')),
    );
    await up();
    expect(runs()).toBe(2);
  });

  test('after a run that failed, and one that failed is an error with its last lines', async () => {
    const commands = ['echo ran >> ../runs.log; echo out of luck; exit 3'];
    await expect(up({ commands })).rejects.toThrow(/exit code 3\n {2}\| out of luck/);
    await expect(up({ commands })).rejects.toThrow('exit code 3');
    expect(runs()).toBe(2);
  });

  test('when that is asked for', async () => {
    await up();
    await up({}, { again: true });
    expect(runs()).toBe(2);
  });
});

test('services are disturbed only when a command really runs', async () => {
  const undisturbed = vi.fn((work: () => Promise<void>) => work());
  const options = { yes: true, again: false };
  await runSetup(setupOf(), options, testPorts(), undisturbed);
  await runSetup(setupOf(), options, testPorts(), undisturbed);
  expect(undisturbed).toHaveBeenCalledTimes(1);
});

test('packages that are what the lock file lists are not installed again, and nothing is asked', async () => {
  const packages = { 'node_modules/pg': { version: '8.0.0', integrity: 'sha512-x' } };
  write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
  write('node_modules/.package-lock.json', JSON.stringify({ packages }));
  write('node_modules/pg/package.json', '{}');
  const ask = vi.fn();
  const note = vi.fn();
  const ports = testPorts({ ask });
  await up({ commands: ['npm ci'] }, { yes: false }, { ...ports, screen: { ...ports.screen, note } });
  expect(ask).not.toHaveBeenCalled();
  expect(note).toHaveBeenCalledWith(expect.stringContaining('npm ci is not needed'));
});

test('the record goes with the worktree: it is in the folder that git keeps for it', async () => {
  const gitFolder = join(home, 'shop', '.git', 'worktrees', 'b');
  mkdirSync(gitFolder, { recursive: true });
  worktree = join(home, 'b');
  write('.git', `gitdir: ${gitFolder}\n`);
  await up();
  expect(existsSync(join(gitFolder, 'coppice', 'setup.json'))).toBe(true);
  expect(existsSync(join(home, 'data', 'coppice', 'environments'))).toBe(false);
});

test('Ctrl+C ends every process that a command started, and the run does not count', async () => {
  const interrupts = new Interrupts();
  const commands = ['sleep 300 & echo $! > child.pid; wait'];
  const running = up({ commands }, {}, testPorts({ interrupts }));
  const ended = expect(running).rejects.toMatchObject({ code: 'COPPICE_INTERRUPTED' });
  const pid = await until(
    () =>
      existsSync(join(worktree, 'child.pid')) && Number(readFileSync(join(worktree, 'child.pid'), 'utf8')),
    { every: 20, within: 50_000, late: () => new Error('it did not start') },
  );
  interrupts.interrupt();
  await ended;
  await until(() => !isAlive(pid), { every: 20, within: 50_000, late: () => new Error(`${pid} is alive`) });
  const record = readFileSync(join(worktree, '.git', 'coppice', 'setup.json'), 'utf8');
  expect(JSON.parse(record)).toEqual({ version: 1, folders: {} });
});

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has waited for is dead as well.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
