import type { Switched } from '../../app/worktrees/switch/switch.ts';
import { quote } from '../../core/shell.ts';
import { type Result, type VerbPorts, verb } from '../define.ts';

export const switchTo = verb({
  usage: 'switch [branch]',
  summary: 'go to the worktree of a branch',
  about:
    'Changes the folder of the shell to the worktree of a branch, slug or path, to the one before (`-`) or to the main one (`^`). Without an argument it shows a list to choose from; Esc leaves everything as it was. The shell changes its folder once `wt shell install` has run; without that, the command to type is printed. Starts and stops nothing.',
  examples: [
    ['wt switch', 'choose from a list'],
    ['wt switch feat/login', 'by branch; a slug or a path will do'],
    ['wt switch -', 'the one before'],
    ['eval "$(wt switch feat/login)"', 'where the shell has no function `wt`'],
  ],
  run: async ([wanted], _, ports) => {
    const { switchTo } = await import('../../app/worktrees/switch/switch.ts');
    return switchReport(await switchTo(wanted ?? '-', ports), ports);
  },
});

function switchReport({ path, branch, name, here }: Switched, { env, json, screen }: VerbPorts): Result {
  const leads = Boolean(env.COPPICE_FOLDER_FILE);
  const words = here ? `this is the worktree of ${name}` : `${name}: ${path}`;
  // A shell without the function can run what is printed: eval "$(wt switch feat)".
  if (!leads && !json)
    screen.note('this shell stays where it is: `wt shell install` lets it follow, and this line leads there');
  return {
    text: leads ? words : `cd ${quote(path, 'posix')}`,
    json: { path, branch: branch ?? null, name, here },
    folder: path,
  };
}
