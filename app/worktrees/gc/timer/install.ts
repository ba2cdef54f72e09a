import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { CoppiceError } from '../../../../core/errors.ts';
import { readIfPresent, writeAtomic } from '../../../../core/files.ts';
import { type Outcome, outcomeOf } from '../../../../core/run.ts';
import { quote } from '../../../../core/shell.ts';
import type { TimerCommand } from './command.ts';
import {
  cronLine,
  cronMark,
  launchdLabel,
  launchdPlist,
  systemdName,
  systemdService,
  systemdTimer,
  withCronLine,
} from './files.ts';
import type { Schedule } from './schedule.ts';

export type Scheduler = 'systemd' | 'launchd' | 'cron';

/** What the installation may touch. */
export interface TimerPorts {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly run: (program: string, args: readonly string[], input?: string) => Promise<Outcome>;
}

export interface WrittenFile {
  /** Absolute path, or `crontab`. */
  readonly path: string;
  readonly text: string;
}

export interface TimerChange {
  readonly scheduler: Scheduler;
  /** What was written; for a removal, what is gone now, with empty text. None when there was nothing to do. */
  readonly files: readonly WrittenFile[];
  /** Commands that remain to be run by hand, as the scheduler did not answer. */
  readonly remaining: readonly string[];
}

export function timerPorts(env: NodeJS.ProcessEnv): TimerPorts {
  return {
    env,
    platform: process.platform,
    run: (program, args, input) =>
      outcomeOf(program, args, {
        env: { ...env, LC_ALL: 'C' },
        timeout: 20_000,
        ...(input !== undefined && { input }),
      }),
  };
}

/**
 * Puts gc on the timer of this user: launchd on macOS, systemd where its manager of this user answers, else cron, else
 * the files of systemd with what to run. Safe to repeat: the same files are written again. Throws COPPICE_TIMER.
 */
export async function installTimer(
  command: TimerCommand,
  schedule: Schedule,
  ports: TimerPorts,
): Promise<TimerChange> {
  if (ports.platform === 'darwin') return installLaunchd(command, schedule, ports);
  if (await systemdAnswers(ports)) return installSystemd(command, schedule, ports);
  if (await cronIsThere(ports)) return installCron(command, schedule, ports);
  const files = await writeFiles(systemdFiles(command, schedule, ports.env));
  return { scheduler: 'systemd', files, remaining: systemdStart };
}

/** Removes it from every scheduler of this machine, whichever was chosen at the time. */
export async function uninstallTimer(ports: TimerPorts): Promise<readonly TimerChange[]> {
  if (ports.platform === 'darwin') return [await uninstallLaunchd(ports)];
  return [await uninstallSystemd(ports), await uninstallCron(ports)];
}

function configHome(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: value, HOME = homedir() } = env;
  return value && isAbsolute(value) ? value : join(HOME, '.config');
}

const systemdStart = ['systemctl --user daemon-reload', `systemctl --user enable --now ${systemdName}.timer`];

function systemdPlace(env: NodeJS.ProcessEnv, kind: 'service' | 'timer'): string {
  return join(configHome(env), 'systemd', 'user', `${systemdName}.${kind}`);
}

function systemdFiles(command: TimerCommand, schedule: Schedule, env: NodeJS.ProcessEnv): WrittenFile[] {
  return [
    { path: systemdPlace(env, 'service'), text: systemdService(command) },
    { path: systemdPlace(env, 'timer'), text: systemdTimer(schedule) },
  ];
}

async function systemdAnswers({ run }: TimerPorts): Promise<boolean> {
  return (await run('systemctl', ['--user', 'show-environment'])).code === 0;
}

async function installSystemd(
  command: TimerCommand,
  schedule: Schedule,
  ports: TimerPorts,
): Promise<TimerChange> {
  const files = await writeFiles(systemdFiles(command, schedule, ports.env));
  await required(ports, 'systemctl', ['--user', 'daemon-reload']);
  await required(ports, 'systemctl', ['--user', 'enable', '--now', `${systemdName}.timer`]);
  // A timer that runs already keeps its old times otherwise.
  await required(ports, 'systemctl', ['--user', 'restart', `${systemdName}.timer`]);
  return { scheduler: 'systemd', files, remaining: [] };
}

async function uninstallSystemd(ports: TimerPorts): Promise<TimerChange> {
  const places = [systemdPlace(ports.env, 'service'), systemdPlace(ports.env, 'timer')];
  const there = await present(places);
  if (there.length === 0) return { scheduler: 'systemd', files: [], remaining: [] };
  const answers = await systemdAnswers(ports);
  if (answers) await ports.run('systemctl', ['--user', 'disable', '--now', `${systemdName}.timer`]);
  const files = await removeFiles(there);
  if (answers) await ports.run('systemctl', ['--user', 'daemon-reload']);
  return { scheduler: 'systemd', files, remaining: [] };
}

function launchdPlace({ HOME = homedir() }: NodeJS.ProcessEnv): string {
  return join(HOME, 'Library', 'LaunchAgents', `${launchdLabel}.plist`);
}

async function installLaunchd(
  command: TimerCommand,
  schedule: Schedule,
  ports: TimerPorts,
): Promise<TimerChange> {
  const path = launchdPlace(ports.env);
  const files = await writeFiles([{ path, text: launchdPlist(command, schedule) }]);
  const domain = `gui/${process.getuid?.() ?? 0}`;
  // One that is loaded keeps its old times otherwise.
  await ports.run('launchctl', ['bootout', `${domain}/${launchdLabel}`]);
  const { code } = await ports.run('launchctl', ['bootstrap', domain, path]);
  const remaining = code === 0 ? [] : [`launchctl bootstrap ${domain} ${quote(path, 'posix')}`];
  return { scheduler: 'launchd', files, remaining };
}

async function uninstallLaunchd(ports: TimerPorts): Promise<TimerChange> {
  const there = await present([launchdPlace(ports.env)]);
  if (there.length > 0)
    await ports.run('launchctl', ['bootout', `gui/${process.getuid?.() ?? 0}/${launchdLabel}`]);
  return { scheduler: 'launchd', files: await removeFiles(there), remaining: [] };
}

async function cronIsThere(ports: TimerPorts): Promise<boolean> {
  return (await ports.run('crontab', ['-l'])).failure === undefined;
}

async function installCron(
  command: TimerCommand,
  schedule: Schedule,
  ports: TimerPorts,
): Promise<TimerChange> {
  const line = cronLine(command, schedule);
  await writeCrontab(withCronLine(await readCrontab(ports), line), ports);
  return { scheduler: 'cron', files: [{ path: 'crontab', text: `${line}\n` }], remaining: [] };
}

async function uninstallCron(ports: TimerPorts): Promise<TimerChange> {
  const nothing: TimerChange = { scheduler: 'cron', files: [], remaining: [] };
  if (!(await cronIsThere(ports))) return nothing;
  const before = await readCrontab(ports);
  const after = withCronLine(before, undefined);
  if (after === before || !before.includes(cronMark)) return nothing;
  await writeCrontab(after, ports);
  return { ...nothing, files: [{ path: 'crontab', text: '' }] };
}

/** Only what says that there is none yet counts as an empty one: the rest of it is not ours to lose. */
async function readCrontab({ run }: TimerPorts): Promise<string> {
  const { code, stdout, stderr } = await run('crontab', ['-l']);
  if (code === 0) return stdout === '' || stdout.endsWith('\n') ? stdout : `${stdout}\n`;
  if (/no crontab for/i.test(stderr)) return '';
  throw timerError(`crontab -l: ${stderr.trim() || `ended with ${code}`}`);
}

async function writeCrontab(text: string, ports: TimerPorts): Promise<void> {
  const { code, stderr } = await ports.run('crontab', ['-'], text);
  if (code !== 0) throw timerError(`crontab -: ${stderr.trim() || `ended with ${code}`}`);
}

async function required({ run }: TimerPorts, program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(program, args);
  if (code !== 0) throw timerError(`${program} ${args.join(' ')}: ${stderr.trim() || `ended with ${code}`}`);
}

function timerError(message: string): CoppiceError {
  return new CoppiceError('COPPICE_TIMER', message, {
    hint: 'mend that, then `wt gc --install` again; `wt gc --uninstall` removes what was written',
  });
}

async function writeFiles(files: readonly WrittenFile[]): Promise<readonly WrittenFile[]> {
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomic(path, text, 0o644);
  }
  return files;
}

async function present(paths: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(paths.map((path) => readIfPresent(path)));
  return paths.filter((_, at) => texts[at] !== undefined);
}

async function removeFiles(paths: readonly string[]): Promise<WrittenFile[]> {
  for (const path of paths) await rm(path, { force: true });
  return paths.map((path) => ({ path, text: '' }));
}
