import { flag, target, text, type Verb, type VerbGroup } from '../verb.ts';
import { databaseVerbs } from './db/verbs.ts';
import { clusterVerbs, toolchainVerbs } from './groups.ts';
import { platform } from './platform/index.ts';
import { workflowVerbs } from './workflows/verbs.ts';

const asOption = ['--as <name>', 'use this name instead of the one that the branch gives'] as const;
const envOption = ['--env <environment>', 'branch, slug or path of another environment'] as const;
const which =
  'Without an argument it is the environment of this worktree; a branch, a slug or a path names another.';

/** Every verb that is about an environment or this machine, in the order of `wt --help`. */
export const verbs: readonly Verb[] = [
  {
    usage: 'init [folder]',
    summary: 'write coppice.yaml and Pulumi.yaml for this repository',
    about:
      'Guesses services from package.json, a Procfile or what else is there, and writes a commented coppice.yaml and a short Pulumi.yaml. Files that exist are left as they are.',
    examples: [['wt init', 'then read coppice.yaml, and: wt up']],
    run: async ([folder], _, ports) => (await import('./init.ts')).init({ folder }, ports),
  },
  {
    usage: 'up [environment]',
    summary: 'bring an environment up, with everything that it needs',
    about: `Starts what is missing (programs, cluster, platform) and makes the environment what coppice.yaml says. When nothing changed and everything answers, it says so in less than half a second. ${which} Ctrl+C finishes the current step; what was made stays, \`wt up\` goes on from there and \`wt down\` removes it.`,
    examples: [
      ['wt up', 'the environment of this worktree'],
      ['wt up feat/login', 'of the worktree that has this branch'],
      ['wt up --as demo', 'under another name: http://demo.<app>.localhost/'],
    ],
    options: [
      asOption,
      ['--yes', 'run the `setup:` and dump commands of coppice.yaml without asking'],
      ['--refresh', 'compare with the cluster even when everything seems to be up'],
      [
        '--drop-database',
        'delete the database of an environment whose coppice.yaml has none any more, or one on another server',
      ],
      [
        '--drop-temporal',
        'delete the Temporal namespace, though workflows run in it, of an environment whose coppice.yaml has none any more, or one on another server',
      ],
    ],
    run: async ([environment], options, ports) =>
      (await import('./up.ts')).up(
        {
          ...target(environment, options),
          yes: flag(options, 'yes'),
          refresh: flag(options, 'refresh'),
          dropDatabase: flag(options, 'dropDatabase'),
          dropTemporal: flag(options, 'dropTemporal'),
        },
        ports,
      ),
  },
  {
    usage: 'down [environment]',
    summary: 'remove an environment',
    about: `Deletes its pods, routes and stack and returns when nothing answers any more; the empty namespace may take some seconds longer. The worktree and its files stay. Removing what is not there is fine. Refuses while workflows run in its Temporal namespace, which goes too. ${which} Ctrl+C finishes the current step; \`wt down\` goes on from there.`,
    examples: [
      ['wt down', 'the environment of this worktree'],
      ['wt down feat-login', 'another one, also when its worktree is gone'],
    ],
    options: [asOption, ['--force', 'go on though workflows run: they go with their namespace']],
    run: async ([environment], options, ports) =>
      (await import('./down.ts')).down(
        { ...target(environment, options), force: flag(options, 'force') },
        ports,
      ),
  },
  {
    usage: 'stop [environment]',
    summary: 'take the pods away, keep everything else',
    about: `Scales every deployment to zero and waits until no pod is left. ${which} Ctrl+C leaves the pods ending.`,
    examples: [['wt stop', 'and later: wt start']],
    options: [asOption],
    run: async ([environment], options, ports) =>
      (await import('./stop.ts')).stop(target(environment, options), ports),
  },
  {
    usage: 'start [environment]',
    summary: 'bring the pods of a stopped environment back',
    about: `Gives every deployment the number of pods that it had, and waits until all are ready. ${which} Ctrl+C leaves the pods starting.`,
    examples: [['wt start', 'the environment of this worktree']],
    options: [asOption],
    run: async ([environment], options, ports) =>
      (await import('./start.ts')).start(target(environment, options), ports),
  },
  {
    usage: 'status [environment]',
    summary: 'namespace, services with their state and reason, workers, URLs, commit',
    about: `Changes nothing. Ends with 1 when the environment is not there, something in it is not ready, its Temporal namespace is gone, or workflows run on a task queue that no worker polls for them. ${which}`,
    examples: [
      ['wt status', 'the environment of this worktree'],
      ['wt status feat/login --json', 'another one, for a program'],
    ],
    options: [asOption],
    run: async ([environment], options, ports) =>
      (await import('./status.ts')).status(target(environment, options), ports),
  },
  {
    usage: 'logs [service]',
    summary: 'logs of the pods',
    about:
      'Prints the logs of all services, each line with its service in front, or of one. With -f it goes on until Ctrl+C, also over restarts.',
    examples: [
      ['wt logs', 'the last lines of every service'],
      ['wt logs api -f', 'api, as it happens'],
      ['wt logs api --env feat-b --previous', 'why the last container of another environment ended'],
    ],
    options: [
      ['-f, --follow', 'go on with what comes'],
      ['--tail <lines>', 'lines of each pod to begin with (default: 100)'],
      ['--previous', 'the container before the last restart'],
      envOption,
      asOption,
    ],
    run: async ([service], options, ports) => {
      const tail = text(options, 'tail');
      return (await import('./logs.ts')).logs(
        {
          ...target(text(options, 'env'), options),
          ...(service === undefined ? {} : { service }),
          ...(tail === undefined ? {} : { tail }),
          follow: flag(options, 'follow'),
          previous: flag(options, 'previous'),
        },
        ports,
      );
    },
  },
  {
    usage: 'open [service]',
    summary: 'open an environment in the browser',
    about:
      'Opens the URL of the primary service, or of the one that is named. Without a desktop it prints the URL.',
    examples: [['wt open api --env feat-b', 'the api of another environment']],
    options: [envOption, asOption],
    run: async ([service], options, ports) =>
      (await import('./open.ts')).open(
        { ...target(text(options, 'env'), options), ...(service === undefined ? {} : { service }) },
        ports,
      ),
  },
  {
    usage: 'env',
    summary: 'print what a shell needs for `wt`, `pulumi` and `kubectl`',
    about:
      'Prints export lines for PATH and for Pulumi: nothing that depends on a branch or a folder, so one shell serves all worktrees. Changes nothing but the links it puts on PATH.',
    examples: [
      ['eval "$(wt env)"', 'bash, zsh'],
      ['wt env --shell fish | source', 'fish'],
      ['eval "$(wt env)"; pulumi stack select --create feat-b; pulumi preview', 'Pulumi by hand'],
    ],
    options: [['--shell <shell>', 'bash, zsh, sh or fish (default: from $SHELL)']],
    run: async (_, options, ports) =>
      (await import('./env.ts')).env({ shell: text(options, 'shell') }, ports),
  },
  {
    usage: 'doctor',
    summary: 'check everything at once and say what to do',
    about:
      'Changes nothing without --fix. Ends with 1 when something is wrong; each problem comes with the next command.',
    examples: [['wt doctor', 'when anything is strange']],
    options: [
      ['--fix', 'remove what is left of databases and Temporal namespaces that nobody needs any more'],
    ],
    run: async (_, options, ports) =>
      (await import('./doctor.ts')).doctor({ fix: flag(options, 'fix') }, ports),
  },
];

export const verbGroups: readonly VerbGroup[] = [
  databaseVerbs,
  workflowVerbs,
  platform,
  clusterVerbs,
  toolchainVerbs,
];
