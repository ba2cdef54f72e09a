import { flag, text, type VerbGroup } from '../verb.ts';

const driverOption = ['--driver <name>', 'how the cluster is had: embedded, k3d or existing'] as const;

export const clusterVerbs: VerbGroup = {
  name: 'cluster',
  summary: 'the Kubernetes cluster on this machine',
  about:
    'How a cluster is had is chosen by --driver, else by config.yaml, else it is the one that is there, else this machine decides; `wt doctor` says why.',
  verbs: [
    {
      usage: 'start',
      summary: 'start the cluster',
      about:
        'Installs what is missing, starts the cluster and waits until its node is ready. The embedded cluster needs root: sudo wt cluster start.',
      options: [
        ['--anew', 'delete a cluster of k3d first, and make it of the settings of today; its databases stay'],
        ['--yes', 'with --anew: do not ask'],
        driverOption,
      ],
      run: async (_, options, ports) =>
        (await import('./cluster/cluster.ts')).clusterStart(
          { anew: flag(options, 'anew'), yes: flag(options, 'yes'), driver: text(options, 'driver') },
          ports,
        ),
    },
    {
      usage: 'stop',
      summary: 'stop the cluster, keep its data',
      about:
        'Leaves no process, mount, network interface or iptables chain of ours. `wt cluster start` brings everything back.',
      options: [driverOption],
      run: async (_, options, ports) =>
        (await import('./cluster/cluster.ts')).clusterStop({ driver: text(options, 'driver') }, ports),
    },
    {
      usage: 'status',
      summary: 'the parts of the cluster and their state',
      about: 'Changes nothing. Ends with 3 when the cluster does not run.',
      options: [driverOption],
      run: async (_, options, ports) =>
        (await import('./cluster/cluster.ts')).clusterStatus({ driver: text(options, 'driver') }, ports),
    },
    {
      usage: 'reset',
      summary: 'stop the cluster and delete all its data',
      about: 'Every environment in it is gone. Asks first; without a terminal only with --yes.',
      options: [
        ['--yes', 'do not ask'],
        ['--forget', 'delete nothing, only forget a cluster that cannot be reached any more'],
        driverOption,
      ],
      run: async (_, options, ports) =>
        (await import('./cluster/cluster.ts')).clusterReset(
          { yes: flag(options, 'yes'), forget: flag(options, 'forget'), driver: text(options, 'driver') },
          ports,
        ),
    },
    {
      usage: 'migrate',
      summary: 'move every environment to a cluster of the other driver',
      about:
        'Stops all environments, dumps their databases, starts the other cluster, restores and compares them there, and brings every worktree up again. Workflows of Temporal, snapshots and logs stay behind. Asks first, with what it found; without a terminal only with --yes. The old cluster is stopped and kept until you say otherwise. Whatever fails, and Ctrl+C, leaves one of the two in use and nothing lost; the same command goes on, and --to the old driver goes back. Needs root, as the embedded cluster does.',
      examples: [
        ['sudo wt cluster migrate --to k3d --dry-run', 'what would move, and what would not'],
        ['sudo wt cluster migrate --to k3d', 'move'],
        ['wt cluster reset --driver embedded', 'afterwards: delete the old cluster'],
      ],
      options: [
        ['--to <driver>', 'k3d or embedded'],
        ['--yes', 'do not ask; the old cluster is kept'],
        ['--remove-old', 'delete the old cluster in the end, without asking'],
        ['--dry-run', 'only show what would be done'],
      ],
      run: async (_, options, ports) =>
        (await import('./cluster/migrate.ts')).clusterMigrate(
          {
            to: text(options, 'to'),
            yes: flag(options, 'yes'),
            dryRun: flag(options, 'dryRun'),
            removeOld: flag(options, 'removeOld'),
          },
          ports,
        ),
    },
  ],
};

export const toolchainVerbs: VerbGroup = {
  name: 'toolchain',
  summary: 'the programs that coppice runs',
  about:
    'Each comes from the cache, from PATH when it fits, from its release, or from a package registry, in this order.',
  verbs: [
    {
      usage: 'list',
      summary: 'every program, its version and where it comes from',
      about: 'Changes nothing.',
      run: async (_, __, ports) => (await import('./toolchain/toolchain.ts')).toolchainList({}, ports),
    },
    {
      usage: 'install [program...]',
      summary: 'install what is missing, or the named programs',
      about: 'Two at once share the work. Ctrl+C ends downloads and builds; what is complete stays.',
      run: async (programs, __, ports) =>
        (await import('./toolchain/toolchain.ts')).toolchainInstall(
          { programs: programs.filter((name) => name !== undefined) },
          ports,
        ),
    },
  ],
};
