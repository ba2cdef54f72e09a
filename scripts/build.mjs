import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildNodeInstrumentation } from '../instrumentation/node/build.mjs';
import { buildPythonInstrumentation } from '../instrumentation/python/build.mjs';
import { cliParts, fromOtherParts, partBundles } from './cli-parts.mjs';
import { installDependencies, nodeInstrumentation, root, sourcesDigest } from './prepare.mjs';

/** CommonJS packages inside an ESM bundle still need node's `require` and the path of their own file. */
const commonJsInEsm = [
  "import { createRequire as coppiceCreateRequire } from 'node:module';",
  "import { fileURLToPath as coppiceFileURLToPath } from 'node:url';",
  'const require = coppiceCreateRequire(import.meta.url);',
  'const __filename = coppiceFileURLToPath(import.meta.url);',
].join(' ');
/** `import.meta.url` does not exist in CommonJS. */
const urlInCjs = {
  define: { 'import.meta.url': 'coppiceModuleUrl' },
  banner: { js: "const coppiceModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
};
/**
 * Pulumi's SDK loads TypeScript and npm's dependency resolver when it starts (0.6 s here), for closures serialised into
 * the state; nothing here does that.
 */
const noClosures = {
  name: 'no-closures',
  setup(build) {
    build.onResolve({ filter: /^(typescript|@npmcli\/arborist)$/ }, ({ path }) => ({
      path,
      namespace: 'no-closures',
    }));
    build.onLoad({ filter: /.*/, namespace: 'no-closures' }, () => ({ contents: 'module.exports = {};' }));
  },
};
/** Nothing of ours does anything when it is imported: a bundle has only what it uses. */
const withoutSideEffects = {
  name: 'without-side-effects',
  setup(build) {
    build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      sideEffects: false,
    }));
  },
};
/** What a verb loads when it runs stays outside of a bundle that runs none. */
const withoutLazyCode = {
  name: 'without-lazy-code',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  absWorkingDir: root,
};
/** A program and its team's own resources must share one SDK, so the bundle does not contain another. */
const sdk = ['@pulumi/pulumi', '@pulumi/pulumi/*', '@pulumi/kubernetes', '@pulumi/kubernetes/*'];

const program = {
  outdir: 'dist.next/program',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  external: sdk,
  ...urlInCjs,
};

installDependencies(nodeInstrumentation);
const parts = await cliParts(shared);
const bundles = [
  ...partBundles(parts, urlInCjs),
  {
    entryPoints: { ...parts.lazy, 'slow-candidates': 'cli/completion/slow-candidates.ts' },
    outdir: 'dist.next/cli',
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    banner: { js: commonJsInEsm },
    plugins: [noClosures, fromOtherParts(parts)],
    external: ['ts-node'],
  },
  {
    // What is typed all day and needs no verb's code: the completion, and the help.
    entryPoints: { completion: 'cli/completion/main.ts', help: 'cli/help-main.ts' },
    outdir: 'dist.next/quick',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: false,
    plugins: [withoutLazyCode, withoutSideEffects],
    ...urlInCjs,
  },
  {
    entryPoints: { main: 'cluster/drivers/embedded/supervisor.ts' },
    outdir: 'dist.next/supervisor',
    format: 'esm',
    banner: { js: commonJsInEsm },
  },
  {
    entryPoints: { main: 'provider/main.ts' },
    outdir: 'dist.next/provider',
    format: 'esm',
    splitting: true,
    // Every `up` waits for its start, whose cost is the text to parse.
    minify: true,
    keepNames: true,
    sourcemap: false,
    banner: { js: commonJsInEsm },
    plugins: [noClosures],
    external: ['ts-node'],
  },
  {
    // Every platform's state has its text, and so has a ConfigMap.
    entryPoints: { main: 'platform/pages/program/main.ts' },
    outdir: 'dist.next/pages',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: false,
    plugins: [withoutSideEffects],
  },
  { ...program, entryPoints: { index: 'stacks/index.ts', platform: 'stacks/platform-main.ts' } },
  {
    ...program,
    entryPoints: { main: 'stacks/main.ts' },
    // Pulumi knows no default export of a CommonJS module, and only a promise can say which outputs there are.
    footer: { js: 'module.exports = module.exports.default;' },
  },
];

/** Who only tries a clone needs no Python; a package without a part of it must not be published. */
async function buildWherePythonIs(outdir) {
  try {
    buildPythonInstrumentation(outdir);
  } catch (error) {
    if (process.env.npm_lifecycle_event === 'prepack') throw error;
    rmSync(outdir, { recursive: true, force: true });
    console.warn(`${error.message}; built without it: telemetry.instrument: [python] does not work`);
  }
}

const [dist, next, last] = ['dist', 'dist.next', 'dist.last'].map((folder) => join(root, folder));
rmSync(next, { recursive: true, force: true });
await Promise.all([
  ...bundles.map((bundle) => build({ ...shared, ...bundle })),
  buildNodeInstrumentation(join(next, 'instrumentation', 'node')),
  buildWherePythonIs(join(next, 'instrumentation', 'python')),
]);
// This package is ESM; without this file Pulumi would misread the CommonJS program as ESM.
writeFileSync(join(next, 'program', 'package.json'), '{"type":"commonjs"}\n');
// Packed too: `app/version.ts` tells programs apart by it.
writeFileSync(join(next, '.sources'), sourcesDigest());
// A `wt` that starts during a build finds the old bundles or the new ones, never none.
rmSync(last, { recursive: true, force: true });
if (existsSync(dist)) renameSync(dist, last);
renameSync(next, dist);
rmSync(last, { recursive: true, force: true });
