// `npm run soak [words for vitest]`: the series of test/series.ts at full length, one suite after the other.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';
import { suites } from './suites.mjs';

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file))
  .filter((file) => readFileSync(join(root, file), 'utf8').includes("/series.ts'"));
const withSeries = Object.keys(suites).filter((suite) =>
  files.some((file) => suites[suite].folders.some((folder) => file.startsWith(`${folder}/`))),
);
for (const suite of withSeries) {
  const words = [join(root, 'scripts', 'test-suite.mjs'), suite, ...files, ...process.argv.slice(2)];
  run(process.execPath, words, { env: { ...process.env, COPPICE_TEST_SOAK: '1' } });
}
