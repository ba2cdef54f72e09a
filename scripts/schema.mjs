// Writes schema/coppice.schema.json from config/spec/schema/spec.ts: `node scripts/schema.mjs`, with --check only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, 'schema', 'coppice.schema.json');

// Node 20 does not run TypeScript, so the room is bundled in memory and imported from there.
const { outputFiles } = await build({
  absWorkingDir: root,
  stdin: {
    contents: "export { specJsonSchema } from './config/spec/schema/json-schema.ts';",
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  write: false,
  logLevel: 'warning',
});
const code = Buffer.from(outputFiles[0].text).toString('base64');
const { specJsonSchema } = await import(`data:text/javascript;base64,${code}`);
const text = `${JSON.stringify(specJsonSchema(), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
  console.log('wrote schema/coppice.schema.json');
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('schema/coppice.schema.json is not current: run node scripts/schema.mjs');
  process.exitCode = 1;
}
