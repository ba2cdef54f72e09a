import type { HostVariables } from '../../config/plan/host-variables.ts';
import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import { exportLine, type Shell, shellOf } from '../../core/shell.ts';
import { flag, type Result, value, verb } from '../define.ts';
import { targetOf, targetOptions } from './target.ts';

export const run = verb({
  usage: 'run [command...]',
  summary: "run a program of this machine with the environment's variables and a port",
  about:
    "Sets DATABASE_URL, TEMPORAL_*, OTEL_*, the `env:` of the primary service with references to what answers on this machine, and PORT, PORT_1, … that no other worktree has. Without a coppice.yaml only the ports. With `telemetry:` in coppice.yaml what the program sends by OTLP is kept with the environment's; what it prints is not. Reads no .env file. The program has the terminal and the signals, and its exit code is the result: 128 and the signal's number after a signal, 127 if there is no such program. Everything after -- is the program and its arguments; no shell reads them.",
  examples: [
    ['wt run -- npm test', "tests on this worktree's database"],
    ['wt run -- npm run dev', 'a server at $PORT that does not run in a pod'],
    ["wt run -- sh -c 'echo $DATABASE_URL | cat'", 'a text for a shell'],
    ['wt run --service worker -- node repl.js', 'with the variables of another service'],
    ['eval "$(wt run --print --secrets)"', 'into this shell'],
  ],
  options: {
    service: value('service', 'use the `env:` of this service (default: the primary one)'),
    portOnly: flag('set the ports alone, and ask no cluster'),
    print: flag('print the variables instead of running a program'),
    secrets: flag('with --print: print passwords and keys too'),
    shell: value('shell', 'with --print: bash, zsh, sh or fish (default: from $SHELL)'),
    ...targetOptions,
  },
  run: async (command, { service, portOnly, print, secrets, shell, ...named }, ports) => {
    const app = await import('../../app/processes/run.ts');
    const request = { target: targetOf(named), service, portOnly };
    if (print) {
      const kind = shellOf(shell ?? ports.env.SHELL);
      return printed(await app.variablesOf(request, ports), { secrets, shell: kind });
    }
    return { ...silent, exitCode: await app.run(request, requireCommand(command), ports) };
  },
});

const silent: Result = { text: '', json: undefined };

function requireCommand(command: readonly string[]): readonly string[] {
  if (command.length > 0 && command[0] !== '') return command;
  throw new CoppiceError('COPPICE_USAGE', 'no program to run', {
    hint: 'wt run -- npm test, or wt run --print for the variables',
  });
}

/** @internal Its test needs no environment. */
export function printed(
  { variables, secret, passing, notCollected }: HostVariables,
  { secrets, shell }: { readonly secrets: boolean; readonly shell: Shell },
): Result {
  const hidden = secrets ? [] : secret.filter((name) => !passing.includes(name));
  const shown = Object.entries(variables).filter(
    ([name]) => !hidden.includes(name) && !passing.includes(name),
  );
  const lines = [
    ...shown.map(([name, value]) => exportLine(name, value, shell)),
    // A mask would become the value in a shell that reads this.
    ...hidden.map((name) => `# ${name} has a secret in it: wt run --print --secrets prints it`),
    ...(notCollected === undefined ? [] : [`# no telemetry: ${notCollected}`]),
    ...passing.map((name) => `# ${name} leads somewhere only while wt run -- COMMAND runs`),
  ];
  return {
    text: lines.join('\n'),
    json: { variables: Object.fromEntries(shown), hidden, passing, ...defined({ notCollected }) },
  };
}
