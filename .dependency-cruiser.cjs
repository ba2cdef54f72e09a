// The import table of docs/architecture.md: each room may import what is listed, itself, and what all may import.
const rooms = {
  config: [],
  state: [],
  git: [],
  database: ['config'],
  temporal: ['config'],
  toolchain: ['config', 'state'],
  cluster: ['config', 'state', 'toolchain'],
  infra: ['config'],
  stacks: ['config', 'infra', 'git', 'state', 'cluster/images'],
  provider: ['config', 'database', 'temporal', 'cluster/kube'],
};
/** The error family and the package's own folder belong to everybody. */
const everybody = ['config/errors', 'state/package'];

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports`,
      severity: 'error',
      comment: `${room}/ may import ${allowed.join(', ') || 'nothing of ours'}`,
      from: { path: `^${room}/` },
      to: {
        path: '^(config|database|temporal|infra|stacks|provider|policies|cluster|toolchain|state|git|cli)/',
        pathNot: [room, ...allowed, ...everybody].map((folder) => `^${folder}[/.]`),
      },
    })),
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'tests-stay-outside',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-unlisted-package',
      severity: 'error',
      from: { pathNot: '^(test|bench|scripts)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['^dist/', '^node_modules/.*'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
