import type { ShellEnvironment } from '../../app/engine/index.ts';
import { exportLine, prependLine, type Shell, shellOf, unsetLine } from '../../core/shell.ts';
import { value, verb } from '../define.ts';
import { cmd } from './shell/options.ts';

export const env = verb({
  usage: 'env',
  summary: 'print what a shell needs for `wt`, `pulumi` and `kubectl`',
  about:
    'Prints export lines for PATH and for Pulumi: nothing depends on a branch or a folder, so one shell serves all worktrees. With --shell bash, zsh or fish it downloads nothing, and prints besides the function `wt`, which changes the folder, and the completion: `wt shell install` writes these into a file, so that no program runs when a shell starts. Changes nothing but the links that it puts on PATH.',
  examples: [
    ['eval "$(wt env)"', 'bash, zsh: installs what is missing'],
    ['wt env --shell fish | source', 'fish, with the function `wt`'],
    ['eval "$(wt env --shell bash --cmd coppice)"', 'where another program is called wt'],
    ['eval "$(wt env)"; pulumi stack select --create feat-b; pulumi preview', 'Pulumi by hand'],
  ],
  options: { shell: value('shell', 'bash, zsh, fish or sh (default: from $SHELL)'), cmd },
  run: async (_, { shell, cmd }, ports) => {
    const { knownShell, shellNamed } = await import('../../app/shell/shells.ts');
    const wanted = shell ?? (cmd === undefined ? undefined : shellNamed(undefined, ports.env));
    // Other POSIX shells get the variables alone.
    const named = knownShell(wanted);
    const { prepareShell, presentShell } = await import('../../app/engine/index.ts');
    if (named === undefined) {
      const environment = await prepareShell(ports);
      return { text: shellText(environment, shellOf(shell ?? ports.env.SHELL)), json: environment };
    }
    const { integration } = await import('../../app/shell/integration.ts');
    const environment = await presentShell(ports);
    const text = await integration(named, cmd, ports.env);
    const variables = environment === undefined ? [] : [shellText(environment, shellOf(named))];
    return {
      text: [...variables, text.trimEnd()].join('\n'),
      json: { ...(environment ?? { path: [], nodePath: [], variables: {} }), integration: text },
    };
  },
});

function shellText({ path, nodePath, variables }: ShellEnvironment, shell: Shell): string {
  return [
    prependLine('PATH', path, shell),
    prependLine('NODE_PATH', nodePath, shell),
    // The variable would override the file.
    unsetLine('PULUMI_CONFIG_PASSPHRASE', shell),
    ...Object.entries(variables).map(([name, value]) => exportLine(name, value, shell)),
  ].join('\n');
}
