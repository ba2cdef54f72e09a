// `npm run test:k3d`: the tests that need a Docker engine, and nothing else.
import { join } from 'node:path';
import { withEngine } from './docker-engine.mjs';
import { build, example, installDependencies, root } from './prepare.mjs';

installDependencies();
installDependencies(example);
build();
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const words = ['run', '--project', 'k3d', '--reporter=verbose', ...process.argv.slice(2)];
process.exitCode = withEngine((inside) => inside([process.execPath, vitest, ...words])) ?? 1;
