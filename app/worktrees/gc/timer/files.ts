import type { TimerCommand } from './command.ts';
import { cronFields, type Schedule, scheduleText, secondsOf } from './schedule.ts';

export const systemdName = 'coppice-gc';
export const launchdLabel = 'dev.coppice.gc';
/** Ends our line of a crontab, so that it is found again. */
export const cronMark = '# coppice gc';

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html */
export function systemdService({ argv, env }: TimerCommand): string {
  return `[Unit]
Description=Delete worktrees and environments that are done with (wt gc)

[Service]
Type=oneshot
${Object.entries(env)
  .map(([name, value]) => `Environment=${systemdWord(`${name}=${value}`)}`)
  .join('\n')}
ExecStart=${argv.map((word) => systemdWord(word.replaceAll('$', '$$$$'))).join(' ')}
Nice=19
IOSchedulingClass=idle
`;
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html: what was missed is made up for. */
export function systemdTimer(schedule: Schedule): string {
  return `[Unit]
Description=wt gc, ${scheduleText(schedule)}

[Timer]
OnActiveSec=5min
OnUnitActiveSec=${secondsOf(schedule)}s
RandomizedDelaySec=60

[Install]
WantedBy=timers.target
`;
}

/** In double quotes, with `%` doubled, which would begin a specifier. */
function systemdWord(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return /^[A-Za-z0-9_/.:=@+,%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

/** https://developer.apple.com/library/archive/documentation/MacOSX/Conceptual/BPSystemStartup/Chapters/CreatingLaunchdJobs.html */
export function launchdPlist({ argv, env }: TimerCommand, schedule: Schedule): string {
  const variables = Object.entries(env).flatMap(([name, value]) => [
    `      <key>${xml(name)}</key>`,
    `      <string>${xml(value)}</string>`,
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>Label</key>
    <string>${launchdLabel}</string>
    <key>ProgramArguments</key>
    <array>
${argv.map((word) => `      <string>${xml(word)}</string>`).join('\n')}
    </array>
    <key>EnvironmentVariables</key>
    <dict>
${variables.join('\n')}
    </dict>
    <key>StartInterval</key>
    <integer>${secondsOf(schedule)}</integer>
    <key>ProcessType</key>
    <string>Background</string>
  </dict>
</plist>
`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A crontab is read line by line, and `%` would be a line break: https://man7.org/linux/man-pages/man5/crontab.5.html */
export function cronLine({ argv, env }: TimerCommand, schedule: Schedule): string {
  const words = [
    ...Object.entries(env).map(([name, value]) => `${name}=${shellWord(value)}`),
    ...argv.map(shellWord),
  ];
  return `${cronFields(schedule)} ${words.join(' ').replaceAll('%', '\\%')} ${cronMark}`;
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_/.:=@+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A crontab with our line once, or without it; all other lines stay as they are. */
export function withCronLine(crontab: string, line: string | undefined): string {
  const others = crontab.split('\n').filter((one) => !one.endsWith(cronMark));
  while (others.at(-1) === '') others.pop();
  const lines = line === undefined ? others : [...others, line];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
