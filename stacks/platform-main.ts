import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoppiceError } from '../config/errors.ts';
import { packageRoot } from '../state/package.ts';
import { asRunError, knownCluster } from './by-hand.ts';
import { platformProgram } from './platform.ts';

/** The platform by hand: what `pulumi up` runs in this package's own folder. */
export default async function main() {
  try {
    const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
      version: string;
    };
    return await platformProgram({ record: await knownCluster(), version, gatewayApi: gatewayApi() })();
  } catch (error) {
    throw asRunError(error);
  }
}

function gatewayApi(): string {
  const folder = process.env.COPPICE_GATEWAY_API;
  if (folder) return folder;
  throw new CoppiceError(
    'COPPICE_NO_GATEWAY_API',
    'COPPICE_GATEWAY_API does not say where its definitions are',
    {
      hint: 'run `eval "$(wt env)"` in this shell, or `wt platform up`',
    },
  );
}
