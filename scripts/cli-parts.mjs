import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

/**
 * What is typed all day, in files of CommonJS: `base` is what every verb loads, and the lists; the others are loaded by
 * the verbs that need them. Each file costs its reader almost a millisecond and each 30 kB another one, and esbuild
 * splits what many verbs share into many files. Where several have a module it is in the first.
 */
const roots = {
  base: [
    'cli/main.ts',
    'cli/program.ts',
    'cli/ui/list/lines.ts',
    'app/activity/linux-processes.ts',
    'app/worktrees/list/here.ts',
    'app/worktrees/list/list.ts',
  ],
  target: ['app/target/target.ts', 'app/clusters/connection.ts', 'cluster/kube/light-kube.ts'],
  live: ['cli/ui/list/live.ts'],
  delete: ['app/worktrees/delete/delete.ts', 'app/worktrees/delete/hook-folders.ts'],
  create: [
    'app/worktrees/create/create.ts',
    'app/worktrees/create/fill.ts',
    'app/worktrees/create/submodules.ts',
    'app/worktrees/hooks/run.ts',
  ],
  telemetry: [
    'app/environments/ask-logs.ts',
    'app/telemetry/metrics.ts',
    'app/telemetry/period.ts',
    'app/telemetry/spill.ts',
    'app/telemetry/trace.ts',
    'app/telemetry/traces.ts',
    'cli/ui/logs/report.ts',
    'cli/ui/telemetry/bounded.ts',
    'cli/ui/telemetry/metrics.ts',
    'cli/ui/telemetry/trace.ts',
    'cli/ui/telemetry/traces.ts',
  ],
};

/**
 * `modules`: the part and the exported names of each of our modules in one, by its path relative to the top. `lazy`: entry
 * points by name, for what modules in parts import only when they need it and no part has.
 */
export async function cliParts(shared) {
  const { metafile } = await analyze(shared, Object.values(roots).flat());
  const partOf = {};
  for (const [part, files] of Object.entries(roots))
    for (const file of closure(metafile.inputs, files)) partOf[file] ??= part;
  const files = Object.keys(partOf);
  const { metafile: own } = await analyze(shared, files, { plugins: [othersOutside(partOf)] });
  const modules = {};
  for (const { entryPoint, exports } of Object.values(own.outputs))
    if (entryPoint !== undefined) modules[entryPoint] = { part: partOf[entryPoint], exports };
  const dynamic = files.flatMap((file) =>
    metafile.inputs[file].imports
      .filter(({ kind, external }) => kind === 'dynamic-import' && !external)
      .map(({ path }) => path),
  );
  const outside = [...new Set(dynamic)].filter((path) => !(path in partOf));
  for (const path of outside)
    if (metafile.inputs[path].format === 'cjs')
      throw new Error(`${path} would have a default export only: wrap it in a module`);
  return { modules, lazy: Object.fromEntries(outside.map((path) => [nameOf(path), path])) };
}

function analyze(shared, entryPoints, options = {}) {
  return build({
    ...shared,
    entryPoints,
    outdir: 'dist.next/analysis',
    format: 'esm',
    splitting: true,
    metafile: true,
    write: false,
    sourcemap: false,
    external: ['ts-node', 'typescript', '@npmcli/arborist'],
    ...options,
  });
}

/** Some of our modules, and all that those import, and so on. */
function closure(inputs, files) {
  const found = new Set();
  const next = [...files];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (found.has(file) || file.startsWith('node_modules/')) continue;
    found.add(file);
    for (const { kind, path, external } of inputs[file].imports)
      if (kind === 'import-statement' && !external) next.push(path);
  }
  return [...found].sort();
}

/** `app/environments/states.ts` is `app.environments.states`. */
function nameOf(path) {
  return path
    .replace(/^node_modules\//, '')
    .replace(/\.[cm]?[jt]s$/, '')
    .replaceAll('/', '.');
}

const placeOf = (resolveDir, path) => relative(root, join(resolveDir, path));

/** Only the names that modules export are wanted. */
function othersOutside(partOf) {
  return {
    name: 'others-outside',
    setup(pass) {
      pass.onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) =>
        kind === 'entry-point' || placeOf(resolveDir, path) in partOf ? undefined : { path, external: true },
      );
    },
  };
}

/** The bundle of each part: an object with its modules by their paths, each of which runs when it is first asked for. */
export function partBundles(parts, shared) {
  return Object.keys(roots).map((part) => ({
    ...shared,
    stdin: { contents: textOf(part, parts), resolveDir: root },
    outfile: `dist.next/cli/${part}.cjs`,
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [fromOtherParts(parts, part), besideParts(parts)],
  }));
}

function textOf(part, { modules }) {
  const own = Object.keys(modules).filter((file) => modules[file].part === part);
  const getters = own.map(
    (file) => `  get ${JSON.stringify(file)}() { return require(${JSON.stringify(`./${file}`)}); },`,
  );
  return `module.exports = {\n${getters.join('\n')}\n};\n`;
}

/** What no part has lies beside them, as an entry point. */
function besideParts({ lazy }) {
  return {
    name: 'beside-parts',
    setup(pass) {
      pass.onResolve({ filter: /.*/ }, async ({ kind, path, resolveDir, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === 'resolving') return undefined;
        const found = await pass.resolve(path, { kind, resolveDir, pluginData: 'resolving' });
        const name = nameOf(relative(root, found.path));
        return name in lazy ? { path: `./${name}.js`, external: true } : undefined;
      });
    },
  };
}

/** A module of another part is taken from there, so that there is one of each. */
export function fromOtherParts({ modules }, own) {
  return {
    name: 'from-other-parts',
    setup(pass) {
      pass.onResolve({ filter: /^\..*\.ts$/ }, ({ kind, path, resolveDir }) => {
        const place = placeOf(resolveDir, path);
        const isOther = kind !== 'entry-point' && place in modules && modules[place].part !== own;
        return isOther ? { path: place, namespace: 'part' } : undefined;
      });
      pass.onResolve({ filter: /\.cjs$/, namespace: 'part' }, ({ path }) => ({ path, external: true }));
      pass.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({
        contents: standIn(path, modules[path]),
      }));
    },
  };
}

function standIn(path, { part, exports }) {
  const named = exports.filter((name) => name !== 'default');
  return [
    `import part from './${part}.cjs';`,
    `const own = part[${JSON.stringify(path)}];`,
    `export const { ${named.join(', ')} } = own;`,
    ...(exports.includes('default') ? ['export default own.default;'] : []),
  ].join('\n');
}
