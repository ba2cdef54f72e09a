import type { LogsQuestion } from '../../app/environments/ask-logs.ts';
import type { LogReader } from '../../app/environments/logs.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { AskedLevel } from '../../servers/telemetry/severity.ts';
import { flag, type OptionValues, type Result, type VerbPorts, value, verb } from '../define.ts';
import { LogLines, logDocuments } from '../ui/log-lines.ts';
import { targetOf, targetOptions } from './target.ts';

/** Lines in the order of time, unless another number is asked for. */
const USUAL_LINES = 100;

const options = {
  level: value('level', 'this level and weightier ones: error, warn, info, debug', 'l'),
  since: value('time', 'how far back: 15m, 2h, 1d, or a time (default: 15m, and not before the environment)'),
  service: value('service', 'of one service, as the argument', 's'),
  follow: flag('continue with new lines', 'f'),
  raw: flag('lines in the order of time instead of groups'),
  lines: value('number', `at most so many of these, the newest (default: ${USUAL_LINES})`),
  context: value('number', 'lines around each that has the text', 'C'),
  trace: value('id', 'of one trace; the first characters of its id are enough'),
  all: flag('of every environment'),
  query: value('logsql', 'a query in LogsQL, which sees this environment alone'),
  full: flag('without cuts; what is longer than 32 kB goes to a file'),
  tail: value('lines', "lines of each pod's own log to begin with (default: 100)"),
  previous: flag('the container before its last restart'),
  timestamps: flag('the time in front of each line (RFC 3339)'),
  ...targetOptions,
};

type Given = OptionValues<typeof options>;

/** Groups from the log store; without one, and for what only they know, the pods' own lines as they are read. */
export const logs = verb({
  usage: 'logs [service] [text]',
  summary: 'what the services printed, by what it says; or line by line',
  about:
    "Once the platform has a log store (`telemetry:` in coppice.yaml) it groups the lines of the last 15 minutes by what they say: errors and warnings first, each with its count, its last line and its trace. A word that is no service is a text to look for. Without a store, and with -f, --tail, --previous or --timestamps, it prints the pods' own logs, each line with its service in front; with several pods or processes of a service also which: web-7c9x4, or web-7c9x4#2 after its second restart. -f continues until Ctrl+C, even over restarts. --previous says first when each process ended, and with which exit code.",
  examples: [
    ['wt logs', 'what this environment logged, problems first'],
    ['wt logs ECONNREFUSED -C 3', 'each line with that text, and those around it'],
    ['wt logs api -f', 'api, as it happens'],
    ['wt logs --env gone-branch --since 1d', 'of an environment that was removed'],
    ['wt logs api --env feat-b --previous', 'why the last container of another environment ended'],
  ],
  options,
  run: async (words, given, ports) => {
    const asked = words.filter((word) => word !== undefined && word !== '') as string[];
    const live = liveOption(given);
    if (live !== undefined) {
      refuseWith(live, given);
      return printed(asked, given, ports);
    }
    const { askLogs } = await import('../../app/environments/ask-logs.ts');
    const question = questionOf(asked, given);
    const answer = await askLogs(question, ports);
    if (answer.kind === 'none') {
      if (answer.why !== undefined) ports.screen.note(`${answer.why}; these are the pods' own logs`);
      return printed(asked, given, ports);
    }
    if (ports.json) {
      const { logsDocumentOf } = await import('../ui/logs/document.ts');
      return { text: '', json: await logsDocumentOf(answer) };
    }
    const [{ logsReport }, { spillLong }] = await Promise.all([
      import('../ui/logs/report.ts'),
      import('../../app/telemetry/spill.ts'),
    ]);
    const report = logsReport(answer, { question, full: given.full });
    return { text: await spillLong(answer.name, 'logs', report), json: undefined };
  },
});

/** The option that only the pods' own logs have. */
function liveOption({ follow, previous, tail, timestamps }: Given): string | undefined {
  if (follow) return '-f';
  if (previous) return '--previous';
  if (tail !== undefined) return '--tail';
  return timestamps ? '--timestamps' : undefined;
}

/** Throws COPPICE_USAGE for an option that only the store has. */
function refuseWith(live: string, { raw, lines, context, trace, all, query, full }: Given): void {
  const stored = Object.entries({ raw, lines, context, trace, all, query, full });
  const [name] = stored.find(([, option]) => option !== undefined && option !== false) ?? [];
  if (name === undefined) return;
  throw new CoppiceError('COPPICE_USAGE', `${live} reads the pods' own logs, which know no --${name}`, {
    hint: `leave out ${live} or --${name}`,
  });
}

function questionOf(words: readonly string[], given: Given): LogsQuestion {
  const { since, service, raw, trace, all, query, full } = given;
  if (all && given.env !== undefined)
    throw new CoppiceError('COPPICE_USAGE', '--all and --env exclude each other', {
      hint: 'leave one of them out',
    });
  const context = numberOf('--context', given.context) ?? 0;
  const lines = numberOf('--lines', given.lines);
  const wantsLines = raw || lines !== undefined || context > 0 || trace !== undefined;
  const most = lines ?? (full ? 10_000 : USUAL_LINES);
  return {
    target: targetOf(given),
    words,
    ...defined({ service, since, trace, query, level: levelOf(given.level) }),
    ...(wantsLines && { lines: { most, context } }),
    all,
  };
}

async function printed(words: readonly string[], given: Given, ports: VerbPorts): Promise<Result> {
  const { follow, previous, timestamps, service, since } = given;
  const { printLogs } = await import('../../app/environments/logs.ts');
  const print = (services: readonly string[]) => reader(services, timestamps, ports);
  const level = levelOf(given.level);
  const tail = numberOf('--tail', given.tail) ?? numberOf('--lines', given.lines);
  const from = since === undefined ? undefined : await beginningOf(since);
  const request = { target: targetOf(given), words, follow, previous, print };
  const pods = await printLogs({ ...request, ...defined({ service, level, tail, from }) }, ports);
  return {
    text: previous && pods === 0 && !ports.json ? 'no container has restarted' : '',
    json: undefined,
  };
}

async function beginningOf(since: string): Promise<Date> {
  const { periodSince } = await import('../../app/telemetry/period.ts');
  return new Date(periodSince(since, Date.now()).from);
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new CoppiceError('COPPICE_USAGE', `${option} takes a number of lines, not ${text}`, {
    hint: `wt logs ${option} 20`,
  });
}

const askedLevels: readonly AskedLevel[] = ['error', 'warn', 'info', 'debug'];

function levelOf(text: string | undefined): AskedLevel | undefined {
  if (text === undefined) return undefined;
  const level = askedLevels.find((one) => one === text.toLowerCase().replace(/^warning$/, 'warn'));
  if (level !== undefined) return level;
  throw new CoppiceError('COPPICE_USAGE', `--level takes ${askedLevels.join(', ')}, not ${text}`, {
    hint: 'wt logs --level warn',
  });
}

function reader(services: readonly string[], timestamps: boolean, ports: VerbPorts): LogReader {
  const write = (line: string) => ports.out(`${line}\n`);
  if (ports.json) return logDocuments(write);
  return new LogLines({ services, timestamps, color: ports.terminal.color }, write);
}
