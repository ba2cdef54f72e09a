import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const requirements = join(here, 'requirements.txt');
const wheels = join(here, 'node_modules', '.wheels');
const own = 'coppice_instrument';

/** Writes everything that a pod's Python processes load into a folder. Throws where Python or pip is missing. */
export function buildPythonInstrumentation(outdir) {
  downloadWheels();
  mkdirSync(join(outdir, own), { recursive: true });
  copyFileSync(join(here, 'sitecustomize.py'), join(outdir, 'sitecustomize.py'));
  for (const name of readdirSync(join(here, own)).filter((file) => file.endsWith('.py')))
    copyFileSync(join(here, own, name), join(outdir, own, name));
  python([join(here, 'build.py'), wheels, join(outdir, 'packages.zip')]);
}

/** Wheels without compiled code, each of the checksum that requirements.txt names; nothing if they are there. */
function downloadWheels() {
  const stamp = join(wheels, '.requirements');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(wheels, { recursive: true, force: true });
  mkdirSync(wheels, { recursive: true });
  python([
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input'],
    ...[
      '--require-hashes',
      '--no-deps',
      '--only-binary=:all:',
      '--dest',
      wheels,
      '--requirement',
      requirements,
    ],
    ...['--python-version', '3.10', '--implementation', 'py', '--abi', 'none', '--platform', 'any'],
  ]);
  writeFileSync(stamp, wanted);
}

function python(words) {
  const { status, error } = spawnSync('python3', words, { stdio: 'inherit' });
  if (error || status !== 0)
    throw new Error(
      `what traces Python services could not be built, which takes Python 3 with pip and its registry: python3 ${words.slice(0, 3).join(' ')} … failed`,
      { cause: error },
    );
}
