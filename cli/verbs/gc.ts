import type { GcReport } from '../../app/worktrees/gc/gc.ts';
import type { TimerChange } from '../../app/worktrees/gc/timer/install.ts';
import { CoppiceError, ExitCode, messageOf } from '../../core/errors.ts';
import { flag, type Result, type VerbPorts, value, verb } from '../define.ts';

export const gc = verb({
  usage: 'gc',
  summary: 'delete worktrees and environments that are done with; a dry run without --apply',
  about:
    'Lists each worktree and environment of this repository with the reason why it goes or stays. A worktree goes when its branch is merged, its folder is gone, or nobody touched it for `lifetime.deleteAfter` of coppice.yaml (7 days); an environment goes with it, or when it lost its worktree, and is stopped after `lifetime.sleepAfter`. Nothing goes that is alive (a process or an agent in it, running workflows, touched within a day), has uncommitted changes or commits that are nowhere else, is locked, is the main or the current worktree, or cannot be read. For 72 hours `wt undo` brings back a worktree that went, with its branch and database; of an environment alone, `wt db undo` brings back the database. Ctrl+C between two deletions touches nothing further.',
  examples: [
    ['wt gc', 'what would go, what stays, and why'],
    ['wt gc --apply', 'delete it'],
    ['wt gc --install --every 6h', 'on a timer, for every repository of this machine'],
  ],
  options: {
    apply: flag('delete and stop what would go'),
    all: flag('every repository of this machine that coppice knows'),
    minAge: value('time', 'what was touched within this time stays: 0s, 30m, 12h, 3d; default: 1d'),
    install: flag('run `wt gc --all --apply` on a timer: systemd, launchd or cron'),
    every: value('time', 'with --install: how often, such as 30m, 6h or 1d; default: 1h'),
    uninstall: flag('remove that timer'),
    log: flag('show what the timer did'),
    scheduled: flag('what the timer passes: the report goes to the log'),
  },
  run: async (_, options, ports) => {
    refuseTogether(options);
    if (options.install) return install(options.every ?? '1h', ports);
    if (options.uninstall) return uninstall(ports);
    if (options.log) return showLog();
    const asked = { apply: options.apply, minimumAge: await minimumAge(options.minAge) };
    const found = options.all ? await inAll(asked, ports) : [await here(asked, ports)];
    return options.scheduled ? logged(found) : reported(found, options.all, ports);
  },
});

/** One of these at a time, and each with what belongs to it. */
function refuseTogether(options: Readonly<Record<string, string | boolean | undefined>>): void {
  const modes = ['install', 'uninstall', 'log'].filter((name) => options[name]);
  const work = ['apply', 'all', 'minAge', 'scheduled'].filter((name) => options[name]);
  const [mode, second] = [...modes, ...(modes.length > 0 ? work : [])];
  if (second !== undefined)
    throw new CoppiceError('COPPICE_USAGE', `--${mode} and --${flagName(second)} do not go together`, {
      hint: 'wt gc --help',
    });
  if (options.every !== undefined && mode !== 'install')
    throw new CoppiceError('COPPICE_USAGE', '--every belongs to --install', {
      hint: `wt gc --install --every ${options.every}`,
    });
}

function flagName(name: string): string {
  return name === 'minAge' ? 'min-age' : name;
}

async function minimumAge(text: string | undefined): Promise<number> {
  const { minimumAgeDefault } = await import('../../app/worktrees/gc/gc.ts');
  if (text === undefined) return minimumAgeDefault;
  const { milliseconds } = await import('../../config/spec/lifetime.ts');
  const time = milliseconds(text);
  if (time === undefined)
    throw new CoppiceError('COPPICE_USAGE', `--min-age ${text} is not a time`, {
      hint: 'write a number with s, m, h or d: --min-age 12h',
    });
  return time;
}

interface Asked {
  readonly apply: boolean;
  readonly minimumAge: number;
}

/** What was found in a repository, or why nothing could be. */
type Found =
  | { readonly repository: string; readonly report: GcReport }
  | { readonly repository: string; readonly error: unknown };

async function here(asked: Asked, ports: VerbPorts): Promise<Found> {
  const { gc } = await import('../../app/worktrees/gc/gc.ts');
  const report = await gc(asked, ports);
  return { repository: report.repository, report };
}

async function inAll(asked: Asked, ports: VerbPorts): Promise<Found[]> {
  const [{ gc }, { repositoriesHere }] = await Promise.all([
    import('../../app/worktrees/gc/gc.ts'),
    import('../../app/worktrees/gc/repositories.ts'),
  ]);
  const found: Found[] = [];
  for (const repository of await repositoriesHere(ports.cwd)) {
    try {
      found.push({ repository, report: await gc({ ...asked, folder: repository }, ports) });
    } catch (error) {
      found.push({ repository, error });
    }
  }
  return found;
}

async function reported(
  found: readonly Found[],
  all: boolean,
  { streams: { stdout } }: VerbPorts,
): Promise<Result> {
  const width = stdout.isTTY && stdout.columns ? stdout.columns : undefined;
  const [first] = found;
  // Only one, and it could not be looked at: as every other verb.
  if (!all && first !== undefined && 'error' in first) throw first.error;
  const { gcDocument, gcText } = await import('../ui/gc.ts');
  const texts = found.map((one) => {
    const text = 'report' in one ? gcText(one.report, width) : messageOf(one.error);
    return all ? `${one.repository}\n${text}` : text;
  });
  return {
    text: texts.length === 0 ? 'coppice knows no repository on this machine yet' : texts.join('\n\n'),
    json: {
      schema: 1,
      version: 1,
      repositories: found.map((one) =>
        'report' in one
          ? gcDocument(one.report)
          : { repository: one.repository, applied: false, problem: messageOf(one.error), items: [] },
      ),
    },
    exitCode: exitCodeOf(found),
  };
}

async function logged(found: readonly Found[]): Promise<Result> {
  const [{ writeLog }, { gcLogText }] = await Promise.all([
    import('../../app/worktrees/gc/log.ts'),
    import('../ui/gc.ts'),
  ]);
  for (const one of found)
    await writeLog('report' in one ? gcLogText(one.report) : `${one.repository}: ${messageOf(one.error)}`);
  return { text: '', json: { schema: 1, version: 1, logged: found.length }, exitCode: exitCodeOf(found) };
}

function exitCodeOf(found: readonly Found[]): ExitCode {
  const failed = found.some((one) => 'error' in one || one.report.problem !== undefined);
  return failed ? ExitCode.problem : ExitCode.ok;
}

async function showLog(): Promise<Result> {
  const { logFile, readLog } = await import('../../app/worktrees/gc/log.ts');
  const [file, text] = [logFile(), await readLog()];
  return {
    text: text?.trimEnd() ?? `the timer has not run yet: there is no ${file}\n  try: wt gc --install`,
    json: { file, text: text ?? null },
  };
}

async function install(every: string, ports: VerbPorts): Promise<Result> {
  const [{ installTimer, timerPorts }, { timerCommand }, { scheduleOf, scheduleText }] = await Promise.all([
    import('../../app/worktrees/gc/timer/install.ts'),
    import('../../app/worktrees/gc/timer/command.ts'),
    import('../../app/worktrees/gc/timer/schedule.ts'),
  ]);
  const schedule = scheduleOf(every);
  const change = await installTimer(timerCommand(ports.env), schedule, timerPorts(ports.env));
  const { scheduler, files, remaining } = change;
  const state =
    remaining.length === 0
      ? `wt gc runs ${scheduleText(schedule)}, for every repository of this machine that coppice knows (${scheduler}); wt gc --log shows what it did`
      : `${scheduler} does not answer here, so it does not run yet; run this where it does:\n${remaining.map((line) => `  ${line}`).join('\n')}`;
  return {
    text: [...files.map(({ path, text }) => `wrote ${path}\n${indented(text)}`), state].join('\n'),
    json: { scheduler, every, files, remaining },
  };
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
}

async function uninstall({ env }: VerbPorts): Promise<Result> {
  const { uninstallTimer, timerPorts } = await import('../../app/worktrees/gc/timer/install.ts');
  const changes: readonly TimerChange[] = await uninstallTimer(timerPorts(env));
  const gone = changes.flatMap(({ files }) => files.map(({ path }) => path));
  return {
    text:
      gone.length === 0
        ? 'there was no timer'
        : gone
            .map((path) => (path === 'crontab' ? 'removed the line of the crontab' : `removed ${path}`))
            .join('\n'),
    json: { removed: gone },
  };
}
