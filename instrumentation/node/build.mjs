import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
/** What a module that was imported registers itself with: import-in-the-middle's hook knows it by this place. */
const registry = 'lib/register.js';

/** The text of wrapped modules imports the registry by its path, so the bundle must use that very file. */
const sharedRegistry = {
  name: 'shared-registry',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/lib\/register$/ }, () => ({ path: `./${registry}`, external: true }));
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  absWorkingDir: here,
  minify: true,
  // Instrumentations find classes of other packages by their names.
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/** Writes everything that a pod's node processes load into a folder. */
export async function buildNodeInstrumentation(outdir) {
  mkdirSync(join(outdir, dirname(registry)), { recursive: true });
  copyFileSync(join(here, 'node_modules/import-in-the-middle', registry), join(outdir, registry));
  // Whatever a package.json above it says, in an image or here.
  writeFileSync(join(outdir, 'package.json'), '{"type":"commonjs"}\n');
  const cjs = { format: 'cjs', outdir, outExtension: { '.js': '.cjs' } };
  await Promise.all([
    build({ ...shared, ...cjs, entryPoints: ['preload.ts'], target: 'node12' }),
    build({ ...shared, ...cjs, entryPoints: ['sdk.ts'], target: 'node18', plugins: [sharedRegistry] }),
    build({
      ...shared,
      format: 'esm',
      target: 'node18',
      entryPoints: { hook: 'import-in-the-middle/hook.mjs' },
      outdir,
      outExtension: { '.js': '.mjs' },
    }),
  ]);
}
