// Shared by the scripts that generate a file, or a part of one.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Imports one of our modules. Node 20 does not run TypeScript, so it is bundled in memory first. */
export async function importTypeScript(file) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Some packages are CommonJS, and ask for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
    write: false,
    logLevel: 'warning',
  });
  const code = Buffer.from(outputFiles[0].text).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

/** Writes a file, or with `--check` only compares and exits with 1 if it differs. */
export function generate(file, text, script) {
  const path = join(root, file);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    console.log(`wrote ${file}`);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${file} is not current: run node scripts/${script}`);
    process.exitCode = 1;
  }
}

/** The same for the part of a page between `<!-- NAME: … -->` and `<!-- /NAME -->`. */
export function generatePart(file, name, part, script) {
  const page = readFileSync(join(root, file), 'utf8');
  const [, before, after] =
    new RegExp(`^(.*<!-- ${name}: [^\n]*-->\n)[^]*?(<!-- /${name} -->.*)$`, 's').exec(page) ?? [];
  if (before === undefined) throw new Error(`${file} has no part ${name}`);
  generate(file, `${before}\n${part}\n\n${after}`, script);
}
