import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TimerCommand, timerCommand } from '../../../../../app/worktrees/gc/timer/command.ts';
import {
  cronLine,
  launchdPlist,
  systemdService,
  withCronLine,
} from '../../../../../app/worktrees/gc/timer/files.ts';
import {
  installTimer,
  type TimerPorts,
  uninstallTimer,
} from '../../../../../app/worktrees/gc/timer/install.ts';
import { cronFields, scheduleOf } from '../../../../../app/worktrees/gc/timer/schedule.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'coppice gc-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const hourly = scheduleOf('1h');
const odd: TimerCommand = {
  argv: ['/opt/my node/node', "/home/o'neil/100% $mine/bin/wt", 'gc', '--all', '--apply', '--scheduled'],
  env: { PATH: '/opt/my node:/usr/bin', XDG_DATA_HOME: '/data/a "b"' },
};

/** A machine with a systemd or a crontab of its own. */
function machine(has: { systemd?: boolean; crontab?: string; platform?: NodeJS.Platform }) {
  const calls: string[] = [];
  let crontab = has.crontab;
  const answer = (code: number, stdout = '', stderr = '') => ({ code, stdout, stderr });
  const ports: TimerPorts = {
    env: { HOME: home },
    platform: has.platform ?? 'linux',
    run: async (program, args, input) => {
      calls.push([program, ...args].join(' '));
      if (program === 'launchctl') return answer(0);
      if (program === 'systemctl') return has.systemd ? answer(0) : answer(1, '', 'Failed to connect to bus');
      if (crontab === undefined) return { ...answer(-1), failure: new Error('ENOENT') };
      if (args[0] === '-') {
        crontab = input ?? '';
        return answer(0);
      }
      return crontab === '' ? answer(1, '', 'no crontab for me') : answer(0, crontab);
    },
  };
  return { ports, calls, crontab: () => crontab };
}

test.each(['4m', '32d', '0h', '1w', '', '1.5h'])('--every %s is refused', (text) => {
  expect(() => scheduleOf(text)).toThrow(/is not a time from 5m to 31d/);
});

test.each([
  ['5m', '*/5 * * * *'],
  ['1h', '17 * * * *'],
  ['6h', '17 */6 * * *'],
  ['24h', '17 3 * * *'],
  ['1d', '17 3 * * *'],
  ['7d', '17 3 * * 1'],
])('cron runs every %s as %s', (text, fields) => {
  expect(cronFields(scheduleOf(text))).toBe(fields);
});

test.each(['7m', '90m', '5h', '2d'])('cron cannot run every %s, and says what it can', (text) => {
  expect(() => cronFields(scheduleOf(text))).toThrow(expect.objectContaining({ code: 'COPPICE_USAGE' }));
});

test('the command names node and wt in full, with a PATH on which git is found, and where the state is', () => {
  const bin = join(home, 'git here');
  mkdirSync(bin);
  writeFileSync(join(bin, 'git'), '');
  const env = {
    PATH: `relative:${bin}:/usr/bin`,
    XDG_DATA_HOME: '/data',
    XDG_CACHE_HOME: 'relative',
    SECRET: 'x',
  };
  const { argv, env: given } = timerCommand(env, '/nvm/v20/bin/node', '/lib/coppice');
  expect(argv.slice(0, 2)).toEqual(['/nvm/v20/bin/node', '/lib/coppice/bin/wt']);
  expect(given).toEqual({ PATH: `/nvm/v20/bin:${bin}:/usr/local/bin:/usr/bin:/bin`, XDG_DATA_HOME: '/data' });
});

test('a unit of systemd quotes what it would read otherwise', () => {
  const lines = systemdService(odd).split('\n');
  expect(lines).toContain('Environment="PATH=/opt/my node:/usr/bin"');
  expect(lines).toContain('Environment="XDG_DATA_HOME=/data/a \\"b\\""');
  expect(lines).toContain(
    `ExecStart="/opt/my node/node" "/home/o'neil/100%% $$mine/bin/wt" gc --all --apply --scheduled`,
  );
});

test('a line for cron runs as it is written, in sh', () => {
  const tool = join(home, "o'neil 100%");
  mkdirSync(tool);
  writeFileSync(join(tool, 'node'), '#!/bin/sh\necho "$PATH|$@"\n');
  chmodSync(join(tool, 'node'), 0o755);
  const line = cronLine({ argv: [join(tool, 'node'), 'gc', 'a b'], env: { PATH: '/bin:/x y' } }, hourly);
  expect(line.split('\n')).toHaveLength(1);
  // What cron does with the line: it cuts the five fields off, and gives the rest to sh without the backslashes.
  const command = line.replace(/^(\S+ ){5}/, '').replaceAll('\\%', '%');
  expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toBe('/bin:/x y|gc a b\n');
});

test('launchd gets XML', () => {
  const plist = launchdPlist({ argv: ['/a & b/node', '<wt>'], env: { PATH: '/bin' } }, scheduleOf('30m'));
  expect(plist).toContain('<string>/a &amp; b/node</string>');
  expect(plist).toContain('<string>&lt;wt&gt;</string>');
  expect(plist).toMatch(/<key>StartInterval<\/key>\s*<integer>1800<\/integer>/);
});

test('the other lines of a crontab stay as they are', () => {
  const others = 'MAILTO=me\n\n5 4 * * * backup # coppice gc is below\n';
  const once = withCronLine(others, 'x # coppice gc');
  expect(once).toBe(`${others}x # coppice gc\n`);
  expect(withCronLine(once, 'y # coppice gc')).toBe(`${others}y # coppice gc\n`);
  expect(withCronLine(once, undefined)).toBe(others);
  expect(withCronLine('x # coppice gc\n', undefined)).toBe('');
});

describe('the timer is put', () => {
  const unit = (kind: string) => join(home, '.config', 'systemd', 'user', `coppice-gc.${kind}`);

  test('on systemd where it answers; twice is as once; uninstall leaves nothing', async () => {
    const { ports, calls } = machine({ systemd: true, crontab: 'mine\n' });
    const first = await installTimer(odd, hourly, ports);
    expect(await installTimer(odd, hourly, ports)).toEqual(first);
    expect(first).toMatchObject({ scheduler: 'systemd', remaining: [] });
    expect(readFileSync(unit('timer'), 'utf8')).toContain('OnUnitActiveSec=3600s');
    expect(calls).toContain('systemctl --user enable --now coppice-gc.timer');
    await uninstallTimer(ports);
    expect(existsSync(unit('timer')) || existsSync(unit('service'))).toBe(false);
    expect(calls).toContain('systemctl --user disable --now coppice-gc.timer');
    expect((await uninstallTimer(ports)).flatMap(({ files }) => files)).toEqual([]);
  });

  test('on cron where systemd does not answer, and nobody else loses a line', async () => {
    const { ports, crontab } = machine({ crontab: '5 4 * * * backup\n' });
    expect((await installTimer(odd, hourly, ports)).scheduler).toBe('cron');
    await installTimer(odd, scheduleOf('6h'), ports);
    expect(
      crontab()
        ?.split('\n')
        .filter((line) => line.endsWith('# coppice gc')),
    ).toHaveLength(1);
    expect(crontab()).toMatch(/^5 4 \* \* \* backup\n17 \*\/6 /);
    await uninstallTimer(ports);
    expect(crontab()).toBe('5 4 * * * backup\n');
  });

  test('into an empty crontab', async () => {
    const { ports, crontab } = machine({ crontab: '' });
    await installTimer(odd, hourly, ports);
    expect(crontab()).toMatch(/^17 \* \* \* \* PATH=.* # coppice gc\n$/);
  });

  test('nowhere when crontab cannot be read: it would be written over', async () => {
    const { ports } = machine({ crontab: 'mine\n' });
    const broken: TimerPorts = {
      ...ports,
      run: async (program, args, input) =>
        program === 'crontab'
          ? { code: 1, stdout: '', stderr: 'permission denied' }
          : ports.run(program, args, input),
    };
    await expect(installTimer(odd, hourly, broken)).rejects.toMatchObject({ code: 'COPPICE_TIMER' });
  });

  test('in files with what to run where neither answers', async () => {
    const { ports } = machine({});
    const { remaining } = await installTimer(odd, hourly, ports);
    expect(remaining).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable --now coppice-gc.timer',
    ]);
    expect(existsSync(unit('service'))).toBe(true);
  });

  test('on launchd on macOS', async () => {
    const { ports, calls } = machine({ platform: 'darwin' });
    const { files } = await installTimer(odd, hourly, ports);
    expect(files.map(({ path }) => path)).toEqual([
      join(home, 'Library', 'LaunchAgents', 'dev.coppice.gc.plist'),
    ]);
    expect(calls.at(-1)).toMatch(/^launchctl bootstrap gui\/\d+ .*dev\.coppice\.gc\.plist$/);
    await uninstallTimer(ports);
    expect(existsSync(files[0]?.path ?? '')).toBe(false);
  });
});

test.runIf(existsSync('/usr/bin/systemd-analyze'))('systemd finds no fault with the unit', async () => {
  const { ports } = machine({});
  const command = {
    argv: [process.execPath, join(home, 'a $b 100%', 'wt'), 'gc'],
    env: { PATH: '/bin:/x y' },
  };
  const { files } = await installTimer(command, hourly, ports);
  const paths = files.map(({ path }) => path);
  expect(() =>
    execFileSync('/usr/bin/systemd-analyze', ['verify', '--user', ...paths], {
      stdio: 'pipe',
      env: { ...process.env, XDG_RUNTIME_DIR: home },
    }),
  ).not.toThrow();
});
