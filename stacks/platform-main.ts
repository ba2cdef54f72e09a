import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from '@pulumi/pulumi/output.js';
import { rpcKeepAlive } from '@pulumi/pulumi/runtime/settings.js';
import { loadSettings } from '../config/settings/settings.ts';
import { CoppiceError } from '../core/errors.ts';
import { packageRoot } from '../core/package-root.ts';
import { readPlatformParts } from '../core/state/platform-parts.ts';
import { asRunError, knownCluster } from './by-hand.ts';
import { platformProgram } from './platform.ts';

/** The platform for a manual `pulumi up` in this package's own folder. */
const done = rpcKeepAlive();
const built = build().finally(done);
export const namespace = output(built.then((outputs) => outputs.namespace));
export const version = output(built.then((outputs) => outputs.version));

async function build() {
  try {
    const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
    const own = JSON.parse(text) as { version: string };
    const [record, parts, { gateway }] = await Promise.all([
      knownCluster(),
      readPlatformParts(),
      loadSettings(),
    ]);
    const { version } = own;
    return await platformProgram({ record, version, gatewayApi: gatewayApi(), gateway, parts })();
  } catch (error) {
    throw asRunError(error);
  }
}

function gatewayApi(): string {
  const folder = process.env.COPPICE_GATEWAY_API;
  if (folder) return folder;
  throw new CoppiceError('COPPICE_NO_GATEWAY_API', 'COPPICE_GATEWAY_API is not set', {
    hint: 'run `eval "$(wt env)"` in this shell, or `wt platform up`',
  });
}
