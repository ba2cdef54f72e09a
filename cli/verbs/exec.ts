import { value, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

export const exec = verb({
  usage: 'exec <service> [command...]',
  summary: 'run a command in a pod of a service',
  about:
    "Runs it in the newest pod that is ready, with this terminal if there is one; without a command it opens a shell. Standard input, output and errors are passed on, and the command's exit code is the result: 127 if the image has no such program. Everything after -- is the command and its arguments; no shell reads them. Ctrl+C goes to the command. Kubernetes does not end a command when the connection breaks, so a signal is sent by a second one: that needs a shell in the image.",
  examples: [
    ['wt exec web', 'a shell'],
    ['wt exec web -- npm run console', 'a program'],
    ['wt exec web -- tar cz log > log.tgz', 'its output, byte by byte'],
    ['wt exec web -- node import.js < rows.csv', 'its input'],
    ['wt exec worker --pod x7k2p -- ps', 'in the pod that `wt logs` shows with this end'],
  ],
  options: {
    pod: value('pod', 'name of a pod, or the end of it (default: the newest that is ready)'),
    ...targetOptions,
  },
  run: async ([service, ...command], { pod, ...named }, ports) => {
    const { exec } = await import('../../app/processes/exec.ts');
    const request = { target: targetOf(named), service, pod, command: command as readonly string[] };
    return { text: '', json: undefined, exitCode: await exec(request, ports) };
  },
});
