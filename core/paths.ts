import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Paths on disk: https://specifications.freedesktop.org/basedir-spec (relative values are ignored, as it requires). */
export interface Paths {
  /** `$XDG_DATA_HOME/coppice`, 0700: Pulumi state, kubeconfig, records, passphrase. */
  readonly data: string;
  /** `$XDG_CACHE_HOME/coppice`: toolchain, images. Can be deleted at any time. */
  readonly cache: string;
  /** `$XDG_CONFIG_HOME/coppice/config.yaml`: the user's choices. */
  readonly settings: string;
  readonly clusterRecord: string;
  readonly kubeconfig: string;
  readonly pulumiHome: string;
  readonly pulumiState: string;
  readonly passphrase: string;
  /** Folder of one record per environment, `<app>/<slug>.json`. */
  readonly environments: string;
  readonly toolchain: string;
  readonly images: string;
  readonly logs: string;
  /** Folder with the `wt` that `wt env` puts on PATH. */
  readonly bin: string;
}

/** Files of the data folder about the platform of one cluster. */
export const platformFiles = {
  record: 'platform.json',
  parts: 'platform-parts.json',
  sweepOf: (part: string) => `swept-${part}.json`,
};

export function paths(env: NodeJS.ProcessEnv = process.env, home: string = homedir()): Paths {
  const base = (variable: string, fallback: string) => {
    const value = env[variable];
    return join(value && isAbsolute(value) ? value : join(home, fallback), 'coppice');
  };
  const data = base('XDG_DATA_HOME', '.local/share');
  const cache = base('XDG_CACHE_HOME', '.cache');
  return {
    data,
    cache,
    settings: join(base('XDG_CONFIG_HOME', '.config'), 'config.yaml'),
    clusterRecord: join(data, 'cluster.json'),
    kubeconfig: join(data, 'kubeconfig'),
    pulumiHome: join(data, 'pulumi'),
    pulumiState: join(data, 'state'),
    passphrase: join(data, 'passphrase'),
    environments: join(data, 'environments'),
    toolchain: join(cache, 'toolchain'),
    images: join(cache, 'images'),
    logs: join(data, 'logs'),
    bin: join(data, 'bin'),
  };
}
