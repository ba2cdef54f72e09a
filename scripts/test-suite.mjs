// `node scripts/test-suite.mjs SUITE [words for vitest]`: one suite of `npm test`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, example, installDependencies } from './prepare.mjs';
import { judge, lines, readReport, readSecondReport } from './results.mjs';
import { couldNotRun, runTests, suites } from './suites.mjs';

const [name, ...words] = process.argv.slice(2);
const suite = suites[name];
if (suite === undefined) {
  console.error(`error: there is no suite ${name}: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
installDependencies();
// Tests copy the example with its packages: their network has no way to a registry.
installDependencies(example);
build();
const kept = process.env.COPPICE_TEST_REPORTS;
const reports = kept ?? mkdtempSync(join(tmpdir(), 'coppice-reports-'));
process.exitCode = suite.run((inside) => runTests(name, reports, words, inside)) ?? couldNotRun;
if (kept === undefined) {
  const report = readReport(reports, name);
  for (const line of report ? lines(judge(report, readSecondReport(reports, name))) : []) console.log(line);
  rmSync(reports, { recursive: true });
}
