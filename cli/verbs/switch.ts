import type { Choice } from '../../app/worktrees/switch/choices.ts';
import type { Switched } from '../../app/worktrees/switch/switch.ts';
import { hasCode } from '../../core/errors.ts';
import { quote } from '../../core/shell.ts';
import { flag, type Result, type VerbPorts, verb } from '../define.ts';
import { create } from './create.ts';

export const switchTo = verb({
  usage: 'switch [branch]',
  summary: 'go to the worktree of a branch',
  about:
    'Changes the folder of the shell to the worktree of a branch, slug or path, to the one before (`-`) or to the main one (`^`). Without an argument it shows a list to choose from; Esc leaves everything as it was. The shell changes its folder once `wt shell install` has run; without that, the command to type is printed. Starts and stops no environment; Ctrl+C ends the hook `switched`, if there is one.',
  examples: [
    ['wt switch', 'choose from a list'],
    ['wt switch feat/login', 'by branch; a slug or a path will do'],
    ['wt switch -', 'the one before'],
    ['wt switch --create fix', 'where it has no worktree yet, as `wt create fix` does'],
    ['eval "$(wt switch feat/login)"', 'where the shell has no function `wt`'],
  ],
  options: {
    create: flag('create what has no worktree yet', 'c'),
    yes: flag('allow the hooks of coppice.yaml, and its `setup:`, without asking'),
  },
  run: async ([wanted], options, ports) => {
    if (wanted === undefined) return chooseOne(options, ports);
    const { switchTo } = await import('../../app/worktrees/switch/switch.ts');
    try {
      return switchReport(await switchTo(wanted, options, ports), ports);
    } catch (error) {
      if (!options.create || !hasCode(error, 'COPPICE_NO_WORKTREE') || ['-', '^'].includes(wanted))
        throw error;
      return create.run([wanted], { yes: options.yes }, ports);
    }
  },
});

interface SwitchFlags {
  readonly create: boolean;
  readonly yes: boolean;
}

/** Esc ends with 1 and Ctrl+C with 130, as in other programs with a list. */
async function chooseOne(flags: SwitchFlags, ports: VerbPorts): Promise<Result> {
  const [{ arriveIn, departureFrom, requireTerminal }, { choices, previewOf, watchStates }] =
    await Promise.all([
      import('../../app/worktrees/switch/switch.ts'),
      import('../../app/worktrees/switch/choices.ts'),
    ]);
  const { stdin, stderr } = ports.streams;
  requireTerminal(ports.terminal.input && stderr.isTTY === true && !ports.json);
  const departure = await departureFrom(ports.cwd);
  const { cwd, current } = departure;
  const all = await choices(departure, { branches: flags.create });
  const ask = async () => {
    if (await wantsFzf()) return (await import('../ui/fzf.ts')).pickWithFzf(all, ports);
    const [{ pick }, { terminalColors }] = await Promise.all([
      import('../ui/picker.ts'),
      import('../ui/terminal.ts'),
    ]);
    return pick(
      {
        choices: all,
        current,
        previewOf: (choice: Choice) => previewOf(choice, cwd),
        watch: (onState) => void watchStates(ports, onState).catch(() => {}),
      },
      { input: stdin, output: stderr, colors: terminalColors(!ports.env.NO_COLOR) },
    );
  };
  const picked = await ask();
  if (picked === 'left') return nothingChosen(1);
  if (picked === 'interrupted') return nothingChosen(130);
  if (picked.worktree === undefined) return create.run([picked.name], { yes: flags.yes }, ports);
  return switchReport(await arriveIn(picked.worktree, departure, flags, ports), ports);
}

/** Settings that are not there need no parser. */
async function wantsFzf(): Promise<boolean> {
  const [{ isThere }, { paths }] = await Promise.all([
    import('../../core/files.ts'),
    import('../../core/paths.ts'),
  ]);
  if (!(await isThere(paths().settings))) return false;
  const { loadSettings } = await import('../../config/settings/settings.ts');
  return (await loadSettings()).picker === 'fzf';
}

function nothingChosen(exitCode: number): Result {
  return { text: '', json: { path: null }, exitCode };
}

function switchReport(switched: Switched, { leadsShell: leads, json, screen }: VerbPorts): Result {
  const { path, folder, branch, name, here, hook } = switched;
  const words = here ? `this is the worktree of ${name}` : `${name}: ${folder}`;
  const problem = hookProblem(switched);
  if (problem !== undefined && !json) screen.note(problem);
  // A shell without the function can run what is printed: eval "$(wt switch feat)".
  if (!leads && !json)
    screen.note('this shell stays where it is: `wt shell install` lets it follow, and this line leads there');
  return {
    text: leads ? words : `cd ${quote(folder, 'posix')}`,
    json: { path, folder, branch: branch ?? null, name, here, hook },
    folder,
  };
}

/** The shell goes there all the same: what a hook does wrong makes the worktree no less there. */
function hookProblem({ hook: { status, reason, output = [], log } }: Switched): string | undefined {
  if (status === 'none' || status === 'ran') return undefined;
  return [
    `hook switched ${status === 'skipped' ? 'did not run' : 'failed'}: ${reason ?? ''}`,
    ...output.map((line) => `  | ${line}`),
    ...(log === undefined ? [] : [`  all of it is in ${log}`]),
  ].join('\n');
}
