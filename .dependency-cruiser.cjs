// rooms.json says who may import whom; docs/architecture.md shows it as a table. A room may have `floors`, top to bottom:
// what stands on one, a folder or a file, imports itself and the floors below, never its neighbours or what is above.
const rooms = require('./rooms.json');

const everyRoom = `^(${Object.keys(rooms).join('|')})/`;

/** A folder or a file of a room. */
const placeIn = (room, name) => (name.endsWith('.ts') ? `^${room}/${name}$` : `^${room}/${name}/`);

const floorRules = ([room, { floors = [] }]) =>
  floors.flatMap((names, floor) =>
    names.map((name) => {
      const allowed = [name, ...floors.slice(floor + 1).flat()];
      return {
        name: `${room}-${name}-imports`,
        severity: 'error',
        comment: `of ${room}/, ${name} may import ${allowed.join(', ')}`,
        from: { path: placeIn(room, name) },
        to: { path: `^${room}/`, pathNot: allowed.map((other) => placeIn(room, other)) },
      };
    }),
  );

/** A folder of a room with floors that stands on none of them could import anything. */
const floorless = ([room, { floors }]) =>
  floors === undefined
    ? []
    : [
        {
          name: `${room}-floors`,
          severity: 'error',
          comment: `every file of ${room}/ is on one of its floors`,
          from: { path: `^${room}/`, pathNot: floors.flat().map((name) => placeIn(room, name)) },
          to: {},
        },
      ];

/** A server shows the files at its top; the folders below them are its own. */
const faces = ['servers/postgres', 'servers/temporal'].map((folder) => ({
  name: `face-of-${folder.replace('/', '-')}`,
  severity: 'error',
  comment: `from outside only the files at the top of ${folder}/ may be imported`,
  from: { path: everyRoom, pathNot: `^${folder}/` },
  to: { path: `^${folder}/[^/]+/` },
}));

/** What is known of Pulumi stands behind one file. */
const engineDoor = {
  name: 'engine-has-one-door',
  severity: 'error',
  comment: 'from outside only app/engine/index.ts may be imported',
  from: { path: everyRoom, pathNot: '^app/engine/' },
  to: { path: '^app/engine/', pathNot: '^app/engine/index\\.ts$' },
};

/** A part's image stands on the floor of cluster/, which imports it. */
const imagesOfParts = {
  name: 'image-of-a-part-imports',
  severity: 'error',
  comment: 'platform/*/image.ts may import cluster/images, toolchain and core',
  from: { path: '^platform/[^/]+/image\\.ts$' },
  to: { path: everyRoom, pathNot: '^(cluster/images|toolchain|core)/' },
};

/** Types of these modules may be named everywhere. */
const doors = [
  ['child_process', ['^core/run\\.ts$']],
  [
    'https?',
    [
      '^core/http\\.ts$',
      // The Kubernetes client's own requests and WebSockets take an agent.
      '^cluster/kube/client\\.ts$',
      // A program of its own, in a pod: it serves, and has no kubeconfig.
      '^platform/pages/program/',
    ],
  ],
  // Downloads follow redirects and go through a proxy.
  ['undici', ['^toolchain/release/(hosts|download)\\.ts$']],
].map(([module, allowed]) => ({
  name: `door-to-${module.replace('?', '')}`,
  severity: 'error',
  comment: 'programs are started by core/run.ts, requests sent by core/http.ts',
  from: { path: everyRoom, pathNot: allowed },
  to: { path: `(^|/)${module}(/|$)`, dependencyTypes: ['core', 'npm'], dependencyTypesNot: ['type-only'] },
}));

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, { imports }]) => ({
      name: `${room}-imports`,
      severity: 'error',
      comment: `${room}/ may import ${imports.join(', ') || 'nothing of ours'}`,
      from: { path: `^${room}/` },
      to: {
        path: everyRoom,
        pathNot: [room, ...imports].map((place) => `^${place.replaceAll('*', '[^/]+')}(/|[.]ts$)`),
      },
    })),
    ...Object.entries(rooms).flatMap(floorRules),
    ...Object.entries(rooms).flatMap(floorless),
    ...faces,
    engineDoor,
    ...doors,
    imagesOfParts,
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
    exclude: { path: ['^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
