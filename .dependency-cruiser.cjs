// rooms.json says who may import whom; docs/architecture.md shows it as a table.
const rooms = require('./rooms.json');

const everyRoom = `^(${Object.keys(rooms).join('|')})/`;

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, { imports }]) => ({
      name: `${room}-imports`,
      severity: 'error',
      comment: `${room}/ may import ${imports.join(', ') || 'nothing of ours'}`,
      from: { path: `^${room}/` },
      to: { path: everyRoom, pathNot: [room, ...imports].map((folder) => `^${folder}/`) },
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
