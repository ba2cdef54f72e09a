import { flag, verb } from '../../define.ts';
import { shellOption } from './options.ts';

export const uninstall = verb({
  usage: 'uninstall',
  summary: 'take the line out of the rc file again',
  about: 'The file is what it was before, byte for byte, and is removed if it was created for the line.',
  options: { shell: shellOption, yes: flag('nothing is asked; accepted for scripts') },
  run: async (_, { shell }, ports) => {
    const [{ uninstallShell }, { shellNamed }] = await Promise.all([
      import('../../../app/shell/install.ts'),
      import('../../../app/shell/shells.ts'),
    ]);
    const { diff, ...change } = await uninstallShell(shellNamed(shell, ports.env), ports);
    return {
      text: change.changed
        ? `${diff}\nthe line is out of ${change.file}`
        : `${change.file} has no line of wt`,
      json: { ...change, diff },
    };
  },
});
