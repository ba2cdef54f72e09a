import type { LogReader } from '../../app/environments/logs.ts';
import { CoppiceError } from '../../core/errors.ts';
import { flag, type VerbPorts, value, verb } from '../define.ts';
import { LogLines, logDocuments } from '../ui/log-lines.ts';
import { targetOf, targetOptions } from './target.ts';

const DEFAULT_LINES = 100;

/** Prints as it reads; with `--json` each line is a document `{service, pod, restarts, time, text}`. */
export const logs = verb({
  usage: 'logs [service]',
  summary: 'logs of the pods',
  about:
    'Prints the logs of all services, or of one, each line with its service in front; with several pods or processes of a service also which: web-7c9x4, or web-7c9x4#2 after its second restart. With -f it continues until Ctrl+C, even over restarts. --previous says first when each process ended, and with which exit code.',
  examples: [
    ['wt logs', 'the last lines of every service'],
    ['wt logs api -f', 'api, as it happens'],
    ['wt logs api --env feat-b --previous', 'why the last container of another environment ended'],
  ],
  options: {
    follow: flag('continue with new lines', 'f'),
    tail: value('lines', `lines of each pod to begin with (default: ${DEFAULT_LINES})`),
    previous: flag('the container before its last restart'),
    timestamps: flag('the time in front of each line (RFC 3339)'),
    ...targetOptions,
  },
  run: async ([service], { tail, follow, previous, timestamps, ...named }, ports) => {
    const lines = linesOf(tail);
    const { printLogs } = await import('../../app/environments/logs.ts');
    const print = (services: readonly string[]) => reader(services, timestamps, ports);
    const pods = await printLogs(
      { target: targetOf(named), service, follow, previous, tail: lines, print },
      ports,
    );
    return {
      text: previous && pods === 0 && !ports.json ? 'no container has restarted' : '',
      json: undefined,
    };
  },
});

function linesOf(tail: string | undefined): number {
  if (tail === undefined) return DEFAULT_LINES;
  if (/^\d+$/.test(tail)) return Number(tail);
  throw new CoppiceError('COPPICE_USAGE', `--tail takes a number of lines, not ${tail}`, {
    hint: 'wt logs --tail 20',
  });
}

function reader(services: readonly string[], timestamps: boolean, ports: VerbPorts): LogReader {
  const write = (line: string) => ports.out(`${line}\n`);
  if (ports.json) return logDocuments(write);
  return new LogLines({ services, timestamps, color: ports.terminal.color }, write);
}
