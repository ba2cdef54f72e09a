// `npm run bench [figure …]`: each figure of bench/ in a cluster of its own; results in bench/results/.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { reasonAgainstOwnCluster, withOwnCluster } from './own-cluster.mjs';
import { build, example, installDependencies, root } from './prepare.mjs';

installDependencies();
installDependencies(example);
build();
const reason = reasonAgainstOwnCluster();
if (reason) {
  console.error(`error: the benchmarks cannot run here: ${reason}`);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const figures = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
  .filter((figure) => wanted.length === 0 || wanted.includes(figure));
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
process.exitCode = withOwnCluster('coppice-bench', (inside) =>
  Math.max(...figures.map((figure) => inside([process.execPath, join(outdir, `${figure}.bench.mjs`)]))),
);
