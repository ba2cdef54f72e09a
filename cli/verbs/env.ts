import type { ShellEnvironment } from '../../app/engine/index.ts';
import { exportLine, prependLine, type Shell, shellOf, unsetLine } from '../../core/shell.ts';
import { value, verb } from '../define.ts';

export const env = verb({
  usage: 'env',
  summary: 'print what a shell needs for `wt`, `pulumi` and `kubectl`',
  about:
    'Prints export lines for PATH and for Pulumi: nothing depends on a branch or a folder, so one shell serves all worktrees. Changes nothing but the links that it puts on PATH.',
  examples: [
    ['eval "$(wt env)"', 'bash, zsh'],
    ['wt env --shell fish | source', 'fish'],
    ['eval "$(wt env)"; pulumi stack select --create feat-b; pulumi preview', 'Pulumi by hand'],
  ],
  options: { shell: value('shell', 'bash, zsh, sh or fish (default: from $SHELL)') },
  run: async (_, { shell }, ports) => {
    const { prepareShell } = await import('../../app/engine/index.ts');
    const environment = await prepareShell(ports);
    return { text: shellText(environment, shellOf(shell ?? ports.env.SHELL)), json: environment };
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
