/** Package managers of JavaScript whose `node_modules` we can compare with their lock file. */
export type PackageManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

const subcommands: Readonly<Record<PackageManagerName, readonly string[]>> = {
  npm: ['ci', 'clean-install', 'install', 'i'],
  pnpm: ['install', 'i'],
  yarn: ['install', ''],
  bun: ['install', 'i', 'ci'],
};

/** Options that change neither what is installed nor where. */
const harmless =
  /^--?(frozen-lockfile|immutable|no-audit|no-fund|audit=false|fund=false|prefer-offline|offline|silent|s|ci|quiet|no-progress|progress=false|non-interactive|inline-builds|legacy-peer-deps|loglevel=\w+)$/;

/**
 * The package manager of a command that only installs what its lock file lists, in the current folder: `npm ci`,
 * `corepack pnpm install --frozen-lockfile`, `npx --yes pnpm@9 install --frozen-lockfile`. Undefined for every other command.
 */
export function installManager(command: string): PackageManagerName | undefined {
  const [program, ...rest] = withoutRunner(command.trim().split(/\s+/));
  const manager = Object.keys(subcommands).find((name): name is PackageManagerName => name === program);
  if (manager === undefined) return undefined;
  const options = rest.filter((word) => word.startsWith('-'));
  const plain = rest.filter((word) => !word.startsWith('-')).join(' ');
  return subcommands[manager].includes(plain) && options.every((option) => harmless.test(option))
    ? manager
    : undefined;
}

/** `npx --yes pnpm@9.15.9 install` and `corepack pnpm install` are `pnpm install`. */
function withoutRunner(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words;
  if (first === 'corepack') return rest;
  if (first !== 'npx') return words;
  const [named = '', ...options] = rest.filter((word, at) => at > 1 || !/^(-y|--yes)$/.test(word));
  return [named.replace(/^@yarnpkg\/cli-dist/, 'yarn').replace(/@.*$/, ''), ...options];
}
