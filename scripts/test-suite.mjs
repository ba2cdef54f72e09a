// `node scripts/test-suite.mjs servers|cluster|k3d [words for vitest]`: one suite of `npm test`.
import { build, example, installDependencies } from './prepare.mjs';
import { couldNotRun, suites, vitest } from './suites.mjs';

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
const command = vitest(name, process.env.COPPICE_TEST_REPORTS, words);
process.exitCode = suite.run((inside) => inside(command)) ?? couldNotRun;
