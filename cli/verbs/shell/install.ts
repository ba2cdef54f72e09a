import type { Installed } from '../../../app/shell/install.ts';
import { flag, type Result, verb } from '../../define.ts';
import { cmd, shellOption } from './options.ts';

export const install = verb({
  usage: 'install',
  summary: 'write the line into the rc file, after showing the diff',
  about:
    'Writes one line into ~/.bashrc (macOS: ~/.bash_profile), $ZDOTDIR/.zshrc or fish/conf.d, which reads a static file: no program runs when a shell starts. A link stays a link. Shows the diff and asks first; without a terminal it needs --yes. Run again, it changes nothing or brings the file up to date.',
  examples: [
    ['wt shell install', 'for the shell of $SHELL'],
    ['wt shell install --shell fish --yes', 'in a script'],
    ['wt shell install --cmd coppice', 'where another program is called wt'],
  ],
  options: { shell: shellOption, cmd, yes: flag('do not ask') },
  run: async (_, { shell, cmd, yes }, ports) => {
    const [{ installShell }, { shellNamed }] = await Promise.all([
      import('../../../app/shell/install.ts'),
      import('../../../app/shell/shells.ts'),
    ]);
    return installReport(
      await installShell({ shell: shellNamed(shell, ports.env), name: cmd, yes }, ports),
      yes,
    );
  },
});

function installReport({ shell, file, changed, diff, command }: Installed, yes: boolean): Result {
  const { name, hides } = command;
  return {
    text: [
      ...(changed && yes ? [diff] : []),
      changed ? `${name} is in ${file}; a new ${shell} has it` : `${file} has the line already`,
      ...(hides === undefined
        ? []
        : [
            `  ${hides} is another program, and comes first on PATH: the function hides it in ${shell} (\`command ${name}\` runs it; \`wt shell install --cmd coppice\` gives this one another name)`,
          ]),
    ].join('\n'),
    json: { shell, file, changed, diff, command: name, hides: hides ?? null },
  };
}
