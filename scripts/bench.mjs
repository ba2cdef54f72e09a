// `npm run bench [figure …]`: each figure of bench/ in its own cluster; results in bench/results/.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { withOwnCluster } from './own-cluster.mjs';
import { reasonAgainstOwnEngine, withOwnEngine } from './own-engine.mjs';
import { reasonAgainstOwnNetwork } from './own-network.mjs';
import { build, example, installDependencies, root } from './prepare.mjs';

installDependencies();
installDependencies(example);
build();
const reason = reasonAgainstOwnNetwork();
if (reason) {
  console.error(`error: the benchmarks cannot run here: ${reason}`);
  process.exit(1);
}
const isOfK3d = (figure) => figure.startsWith('k3d-');
const wanted = process.argv.slice(2);
const figures = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
  .filter((figure) => (wanted.length === 0 ? figure !== 'versions' : wanted.includes(figure)));
const noEngine = reasonAgainstOwnEngine();
if (noEngine && figures.some(isOfK3d)) {
  console.error(`error: the figures of k3d cannot be measured here: ${noEngine}`);
  process.exit(1);
}
const unknown = wanted.filter((figure) => !existsSync(join(root, 'bench', `${figure}.bench.ts`)));
if (unknown.length > 0) {
  console.error(`error: no such figure: ${unknown.join(', ')}`);
  process.exit(2);
}
const { build: bundle } = await import('esbuild');
const outdir = join(root, 'dist', 'bench');
await bundle({
  entryPoints: figures.map((figure) => join(root, 'bench', `${figure}.bench.ts`)),
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  packages: 'external',
});
const measure = (inside, figures) =>
  Math.max(0, ...figures.map((figure) => inside([process.execPath, join(outdir, `${figure}.bench.mjs`)])));
process.exitCode = figures.includes('versions') ? withTwoClusters() : withOneCluster();

function withOneCluster() {
  return withOwnCluster('coppice-bench', (inside, folder) => {
    const code = measure(
      inside,
      figures.filter((figure) => !isOfK3d(figure)),
    );
    const ofK3d = figures.filter(isOfK3d);
    if (ofK3d.length === 0) return code;
    // Besides their own surroundings, figures of k3d find here those of the embedded cluster that they are compared
    // with.
    Object.assign(process.env, {
      COPPICE_BENCH_EMBEDDED: folder,
      COPPICE_BENCH_EMBEDDED_NETNS: 'coppice-bench',
    });
    return Math.max(
      code,
      withOwnEngine('coppice-bench-k3d', (inside) => measure(inside, ofK3d)),
    );
  });
}

/** One for this checkout, one for the checkout in `COPPICE_BENCH_BEFORE`. */
function withTwoClusters() {
  return withOwnCluster('coppice-bench-before', (_, folder) => {
    Object.assign(process.env, {
      COPPICE_BENCH_BEFORE_FOLDER: folder,
      COPPICE_BENCH_BEFORE_NETNS: 'coppice-bench-before',
    });
    return withOwnCluster('coppice-bench', (inside) => measure(inside, figures));
  });
}
