import { flag, type Options, type Target, target, text, type VerbGroup } from '../../verb.ts';

const environmentOptions = [
  ['--env <environment>', 'branch, slug or path of another environment'],
  ['--as <name>', 'the environment of this name'],
] as const;
const yesOption = ['--yes', 'do not ask'] as const;
const forceOption = ['--force', 'disconnect whoever is connected to it, and do not ask'] as const;
const kept = 'What was there is kept as a snapshot for 72 hours (`wt db undo`).';
const keptIfFree =
  'What was there is kept as a snapshot for 72 hours where the file system shares blocks (`wt db undo`); elsewhere it is gone.';

const of = (options: Options): Target => target(text(options, 'env'), options);

/** `wt db`: the database of a worktree, from this machine. */
export const databaseVerbs: VerbGroup = {
  name: 'db',
  summary: 'the database of an environment',
  about:
    'Every environment has a clone of a migrated and seeded template. Each verb is about the one of this worktree; --env names another.',
  verbs: [
    {
      usage: 'url',
      summary: 'the URL of the database, for programs on this machine',
      about:
        'Prints a URL on 127.0.0.1 with the login of the environment. It holds the password. Changes nothing.',
      examples: [
        ['psql "$(wt db url)"', 'any program that takes a URL'],
        ['wt db url --cluster', 'the URL that its pods have'],
      ],
      options: [
        ['--cluster', 'the URL that works in the cluster'],
        ['--forward', 'where no port is published: hold one open until Ctrl+C'],
        ...environmentOptions,
      ],
      run: async (_, options, ports) =>
        (await import('./url.ts')).url(
          { ...of(options), cluster: flag(options, 'cluster'), forward: flag(options, 'forward') },
          ports,
        ),
    },
    {
      usage: 'psql [arguments...]',
      summary: 'psql in the database, with the login of the environment',
      about:
        'Uses the psql of this machine, or the one beside the server where there is none. What follows -- goes to psql. Ends with its exit code.',
      examples: [
        ['wt db psql', 'a session'],
        ['wt db psql -c "select count(*) from orders"', 'one statement, also without a terminal'],
        ['wt db psql --env feat-b -- --csv -f report.sql', 'arguments of psql itself'],
      ],
      options: [['-c, --command <sql>', 'run this and end'], ...environmentOptions],
      run: async (args, options, ports) => {
        const command = text(options, 'command');
        return (await import('./psql.ts')).psql(
          {
            ...of(options),
            ...(command === undefined ? {} : { command }),
            args: args.filter((arg) => arg !== undefined),
          },
          ports,
        );
      },
    },
    {
      usage: 'reset',
      summary: 'a fresh clone of the template',
      about: `Replaces the database by a new clone of the template that coppice.yaml describes now; programs that are connected are disconnected and connect again. ${keptIfFree} Asks first; without a terminal only with --yes. Ctrl+C before the clone leaves everything as it was.`,
      examples: [['wt db reset --yes', 'after a migration was edited']],
      options: [yesOption, ...environmentOptions],
      run: async (_, options, ports) =>
        (await import('./reset.ts')).reset({ ...of(options), yes: flag(options, 'yes') }, ports),
    },
    {
      usage: 'snapshot <name>',
      summary: 'keep the database as it is now, under a name',
      about:
        'A snapshot with a name is kept until it is removed. Cloning needs the database without sessions: while somebody is connected it refuses at once and says who, unless --force disconnects them (pools connect again).',
      examples: [
        ['wt db snapshot before-import --force', 'also while the app runs'],
        ['wt db snapshot before-import --remove', 'when it is not needed any more'],
      ],
      options: [
        ['--force', 'disconnect whoever is connected'],
        ['--remove', 'remove the snapshot of this name'],
        ...environmentOptions,
      ],
      run: async ([name = ''], options, ports) =>
        (await import('./snapshot.ts')).snapshot(
          { ...of(options), name, force: flag(options, 'force'), remove: flag(options, 'remove') },
          ports,
        ),
    },
    {
      usage: 'restore <name>',
      summary: 'make the database what it was in a snapshot',
      about: `Name, role and password stay. ${kept} Asks first; without a terminal only with --yes, which refuses at once while somebody is connected, or --force, which disconnects them.`,
      examples: [['wt db restore before-import --force', 'also while the app runs']],
      options: [forceOption, yesOption, ...environmentOptions],
      run: async ([name = ''], options, ports) =>
        (await import('./restore.ts')).restore(
          { ...of(options), name, force: flag(options, 'force'), yes: flag(options, 'yes') },
          ports,
        ),
    },
    {
      usage: 'snapshots',
      summary: 'what is kept of the database',
      about: 'Changes nothing. Those without a name of yours are what a verb replaced: `wt db undo`.',
      options: environmentOptions,
      run: async (_, options, ports) => (await import('./snapshots.ts')).snapshots(of(options), ports),
    },
    {
      usage: 'undo [name]',
      summary: 'bring back what down, reset, restore or fork replaced',
      about:
        'Takes the youngest of the last 72 hours, or the one that is named (wt db snapshots). After `wt down` the database comes back, and the next `wt up` takes it. What is there now becomes a snapshot in its place, so an undo can be undone. Asks first where there is one; without a terminal only with --yes or --force.',
      examples: [['wt db undo', 'after a reset that was a mistake']],
      options: [forceOption, yesOption, ...environmentOptions],
      run: async ([name], options, ports) =>
        (await import('./undo.ts')).undo(
          {
            ...of(options),
            ...(name === undefined ? {} : { name }),
            force: flag(options, 'force'),
            yes: flag(options, 'yes'),
          },
          ports,
        ),
    },
    {
      usage: 'list',
      summary: 'all databases: age, template, strategy, sessions, size',
      about:
        'Sizes are what the files would take alone; blocks that are shared count for every database that has them, so the last line says what the file system really has in use. Changes nothing.',
      run: async (_, __, ports) => (await import('./list.ts')).list({}, ports),
    },
    {
      usage: 'refresh-template',
      summary: 'build the template again, from a new dump where there is one',
      about:
        'Databases that exist stay as they are; `wt db reset` gives one what is new. A dump by a command runs on this machine: it asks before the first time that this command is run. Ctrl+C leaves no half template.',
      options: [['--yes', 'run the dump command without asking'], ...environmentOptions],
      run: async (_, options, ports) =>
        (await import('./refresh-template.ts')).refreshTemplate(
          { ...of(options), yes: flag(options, 'yes') },
          ports,
        ),
    },
    {
      usage: 'status',
      summary: 'which migrations the database of each worktree has, and conflicts',
      about:
        'Warns when two branches add a migration of the same number or name with other content. Changes nothing. Ends with 1 when there is a conflict or a migration was edited or removed.',
      options: environmentOptions,
      run: async (_, options, ports) => (await import('./status.ts')).status(of(options), ports),
    },
    {
      usage: 'fork',
      summary: 'a clone of the live database of another environment',
      about: `Replaces this environment's database. ${kept} While somebody is connected to the other one it says so at once, with the choices: --end-sessions disconnects them for a moment, --last-snapshot takes its youngest snapshot instead. Asks first; without a terminal only with --yes or, where this environment runs, --force.`,
      examples: [['wt db fork --from main --last-snapshot', 'without disturbing anybody']],
      options: [
        ['--from <environment>', 'branch, slug or path of the other environment'],
        ['--end-sessions', 'disconnect whoever is connected to it'],
        ['--last-snapshot', 'take its youngest snapshot'],
        forceOption,
        yesOption,
        ...environmentOptions,
      ],
      run: async (_, options, ports) =>
        (await import('./fork.ts')).fork(
          {
            ...of(options),
            from: text(options, 'from'),
            endSessions: flag(options, 'endSessions'),
            lastSnapshot: flag(options, 'lastSnapshot'),
            force: flag(options, 'force'),
            yes: flag(options, 'yes'),
          },
          ports,
        ),
    },
  ],
};
