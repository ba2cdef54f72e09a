import { type Options, type Target, target, text, type VerbGroup } from '../../verb.ts';

const environmentOptions = [
  ['--env <environment>', 'branch, slug or path of another environment'],
  ['--as <name>', 'the environment of this name'],
] as const;

const of = (options: Options): Target => target(text(options, 'env'), options);

/** `wt workflows`: what runs in the Temporal namespace of a worktree, from this machine. */
export const workflowVerbs: VerbGroup = {
  name: 'workflows',
  summary: 'the workflows of an environment',
  about:
    'Every environment has a Temporal namespace of its own. Each verb is about the one of this worktree; --env names another. Without a verb it is `ls`.',
  usual: 'ls',
  verbs: [
    {
      usage: 'ls',
      summary: 'which are stuck, failed or running, and why',
      about:
        'A line each, what needs somebody first. Changes nothing. Ends with 1 when one is stuck: an activity or a workflow task that fails again and again, or no worker that polls its task queue.',
      examples: [
        ['wt workflows', 'those of this worktree'],
        ['wt workflows --env feat-b --json', 'of another one, for a program'],
      ],
      options: [
        ['--limit <number>', 'lines of each kind for people (default: 20); --json has all that were listed'],
        ...environmentOptions,
      ],
      run: async (_, options, ports) => {
        const limit = text(options, 'limit');
        return (await import('./list.ts')).list(
          { ...of(options), ...(limit === undefined ? {} : { limit }) },
          ports,
        );
      },
    },
    {
      usage: 'show <id>',
      summary: 'the history of a workflow, shortened to what failed',
      about:
        'Its latest run, or the one that --run names: how it stands, what failed and with which words, what it waits for. The last line is its page in the UI. Changes nothing.',
      examples: [['wt workflows show order-17', 'why it failed, or what it waits for']],
      options: [['--run <run>', 'id of an earlier run'], ...environmentOptions],
      run: async ([id = ''], options, ports) => {
        const run = text(options, 'run');
        return (await import('./show.ts')).show(
          { ...of(options), id, ...(run === undefined ? {} : { run }) },
          ports,
        );
      },
    },
  ],
};
