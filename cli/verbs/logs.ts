import type { LogLine } from '../../cluster/kube/logs.ts';
import { CoppiceError } from '../../core/errors.ts';
import { flag, type VerbPorts, value, verb } from '../define.ts';
import { servicePainter } from '../ui/paint.ts';
import { targetOf, targetOptions } from './target.ts';

const DEFAULT_LINES = 100;

/** Prints as it reads; with `--json` each line is a document `{service, pod, text}`. */
export const logs = verb({
  usage: 'logs [service]',
  summary: 'logs of the pods',
  about:
    'Prints the logs of all services, each line with its service in front, or of one service. With -f it continues until Ctrl+C, even over restarts.',
  examples: [
    ['wt logs', 'the last lines of every service'],
    ['wt logs api -f', 'api, as it happens'],
    ['wt logs api --env feat-b --previous', 'why the last container of another environment ended'],
  ],
  options: {
    follow: flag('continue with new lines', 'f'),
    tail: value('lines', `lines of each pod to begin with (default: ${DEFAULT_LINES})`),
    previous: flag('the container before its last restart'),
    ...targetOptions,
  },
  run: async ([service], { tail, follow, previous, ...named }, ports) => {
    const lines = linesOf(tail);
    const { printLogs } = await import('../../app/environments/logs.ts');
    const print = (services: readonly string[]) => printer(services, ports);
    await printLogs({ target: targetOf(named), service, follow, previous, tail: lines, print }, ports);
    return { text: '', json: undefined };
  },
});

function linesOf(tail: string | undefined): number {
  if (tail === undefined) return DEFAULT_LINES;
  if (/^\d+$/.test(tail)) return Number(tail);
  throw new CoppiceError('COPPICE_USAGE', `--tail takes a number of lines, not ${tail}`, {
    hint: 'wt logs --tail 20',
  });
}

function printer(services: readonly string[], ports: VerbPorts): (line: LogLine) => void {
  if (ports.json) return (line) => ports.out(`${JSON.stringify(line)}\n`);
  if (services.length === 1) return ({ text }) => ports.out(`${text}\n`);
  const width = Math.max(...services.map((service) => service.length));
  const paint = servicePainter(services, ports.terminal.color);
  return ({ service, text }) => ports.out(`${paint(service, service.padEnd(width))} | ${text}\n`);
}
